"""Where bytes are kept: files and folders, archives, object stores. It knows nothing of what they say.

A source has a name: a path, a URL (`s3://bucket/key`), or the path of an archive and of a member in it
(`captures.tar.gz/run/1.jsonl`).
"""

from inspector.storage.stored_source import Source

__all__ = ["Source"]
