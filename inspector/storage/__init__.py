"""Where bytes are kept: files and folders, archives, object stores. It knows nothing of what they say.

A source has a name: a path, a URL (`s3://bucket/key`), or the path of an archive and of a member in it
(`captures.tar.gz/run/1.jsonl`).

    argument ── listed ──► Source, Source, …          nothing is opened
                              │
                            read ──► Member, Unread, …    a plain file is one member, an archive has many
    name ────── opened ──► file

A name is what people see of it: `public_name` takes the secrets out of a URL that somebody typed. `places`
says which module does it for a name, and `stores` what such a module offers.
"""

from inspector.storage.inventory import listed, without_recordings
from inspector.storage.object_urls import public_name
from inspector.storage.reading import is_there, opened, read, recording_names
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source

__all__ = [
    "Member",
    "Source",
    "Unread",
    "is_there",
    "listed",
    "opened",
    "public_name",
    "read",
    "recording_names",
    "without_recordings",
]
