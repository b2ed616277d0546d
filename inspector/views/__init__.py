"""What can be read out of a recording: pure functions, without I/O or clock."""
