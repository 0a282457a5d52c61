"""Read files by path, and make file names printable."""

from __future__ import annotations

from pathlib import Path

from xray.errors import UnreadableImage


def content(path: Path) -> bytes:
    """Return the bytes of a file. Raises UnreadableImage if it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(
            f"{printable(path.name)} cannot be opened.", hint="Check the path and its rights."
        ) from error


def printable(name: str) -> str:
    """Return a name without characters that cannot be encoded as UTF-8."""
    return name.encode("utf-8", "replace").decode()
