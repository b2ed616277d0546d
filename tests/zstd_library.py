"""Python's own zstd, or on versions before 3.14 the package that brings it there."""

try:
    from compression import zstd
except ImportError:
    from backports import zstd

__all__ = ["zstd"]
