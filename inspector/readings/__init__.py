"""What can be read off a recording: pure functions of it, without I/O or a clock."""

__all__: list[str] = []
