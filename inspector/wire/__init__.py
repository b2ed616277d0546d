"""Everything that touches a socket, a clock or a running client.

`tap` records a client, `replay` answers one. Both work on httpx2 (anthropic 1.0 and later) and on httpx
(anthropic 0.x), through the seam in `_httpx`.
"""
