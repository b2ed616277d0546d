"""Tar archives for tests: whole and broken, by their members."""

from __future__ import annotations

import gzip
import io
import tarfile

from zstd_library import zstd

PACKED = {".tar": bytes, ".tar.gz": gzip.compress, ".tgz": gzip.compress, ".tar.zst": zstd.compress}
"""How the text of an archive with an ending is compressed."""


def archive(*members, kind=tarfile.PAX_FORMAT):
    """Return a tar archive. A member is a name and its bytes, or a `TarInfo` and its bytes."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kind) as tar:
        for name, data in members:
            header = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if data is not None:
                header.size = len(data)
            tar.addfile(header, io.BytesIO(data or b""))
    return file.getvalue()


def typed(name, kind, target=""):
    """Return the header of a link, a device, or whatever else has no bytes."""
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, target
    return header
