"""From a running client to a file: the tap, the journal it notes to, and the files they are written to."""
