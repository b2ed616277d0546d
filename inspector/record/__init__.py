"""Record the responses of a running client while its own code reads them.

`tap` has the event hooks that see every response. The `tee` notes every chunk that passes, on the `track` of
its response. `journal` has the thread that writes, so that the reader does not wait for it. `destination` and
`files` say where recordings go; `decoding` undoes content codings. `sdk` makes one tapped call with the
installed SDK.
"""
