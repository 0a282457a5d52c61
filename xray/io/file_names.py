"""Names of result files: short enough for file systems, different for different films."""

from __future__ import annotations

from pathlib import PurePosixPath

LONGEST_STEM = 180  # bytes in UTF-8; file systems allow 255, and a suffix and a number are added


def short_stem(name: str) -> str:
    """Return the name of a file without its suffix, cut to LONGEST_STEM bytes."""
    stem = PurePosixPath(name).stem
    return stem.encode("utf-8", "replace")[:LONGEST_STEM].decode("utf-8", "ignore")


class UniqueStems:
    """Makes stems of result files that differ, also where file systems ignore case."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def stem(self, name: str) -> str:
        """Return the short stem of a film's name, with a number if it is already in use."""
        short, number = short_stem(name), 1
        unique = short
        while unique.casefold() in self._used:
            number += 1
            unique = f"{short}-{number}"
        self._used.add(unique.casefold())
        return unique
