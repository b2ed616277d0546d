"""Which recording answers a request, and when each byte is due: the same in process and over a socket."""
