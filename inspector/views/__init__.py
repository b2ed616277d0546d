"""Views: a recording as people look at it. Pure functions, without I/O or clock."""
