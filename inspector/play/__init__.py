"""Which recording answers a request, and when which byte of it is due: one answer for every door."""
