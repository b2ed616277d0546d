"""The same answer over a socket: an HTTP/1.1 server that plays recordings."""
