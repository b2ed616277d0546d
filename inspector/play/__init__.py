"""Which recording answers a request, and when each byte is due: one answer for every door."""
