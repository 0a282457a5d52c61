"""Files as a user names them: their bytes, and their names in words."""

from __future__ import annotations

from pathlib import Path

from xray.errors import UnreadableImage


def content(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableImage where it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(
            f"{printable(path.name)} cannot be opened.", hint="Check the path and its rights."
        ) from error


def printable(name: str) -> str:
    """A name that can be shown and written, whatever bytes the file system has for it."""
    return name.encode("utf-8", "replace").decode()
