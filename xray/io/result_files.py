"""Files with results: their names, and how they are recognized among films."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from xray.errors import XrayError

LONGEST_STEM = 180  # bytes in UTF-8; file systems allow 255, and a suffix and a number are added
SUFFIXES = {".parquet", ".unfinished"}
EXPORTS = (
    *("-report.pdf", "-report.html", "-bundle.zip", "-dicom.zip"),
    *("-overlay.dcm", "-findings.dcm", "-map.dcm", "-area.dcm"),
)
DRAWN = re.compile(r".*-(overlay|boxes)\.png|\d{5}-.*\.png", re.DOTALL)  # of analyze and cohort
PNG, SOFTWARE = b"\x89PNG\r\n\x1a\n", b"tEXtSoftware\0xray "  # as io.encode writes them
START = 4096  # bytes of a PNG within which its text chunks are


def short_stem(name: str) -> str:
    """Return the name of a file without its suffix, cut to LONGEST_STEM bytes."""
    stem = PurePosixPath(name).stem
    return stem.encode("utf-8", "replace")[:LONGEST_STEM].decode("utf-8", "ignore")


class UniqueStems:
    """Makes stems of result files that differ, also where file systems ignore case."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def stem(self, name: str, is_free: Callable[[str], bool] = lambda _: True) -> str:
        """Return the short stem of a film's name, with a number if it is in use.

        Args:
            name: Name of the film.
            is_free: Whether a stem that was not returned before can be used.
        """
        short, number = short_stem(name), 1
        unique = short
        while unique.casefold() in self._used or not is_free(unique):
            number += 1
            unique = f"{short}-{number}"
        self._used.add(unique.casefold())
        return unique


def is_result(name: str, start: Callable[[], bytes]) -> bool:
    """Whether a file is a table, an export or a drawn picture that an earlier run wrote.

    Args:
        name: Path of the file.
        start: Reads at least the first START bytes of the file; used for names of drawn pictures only.
    """
    path = PurePosixPath(name)
    if path.suffix.lower() in SUFFIXES or path.name.endswith(EXPORTS):
        return True
    if not DRAWN.fullmatch(path.name):
        return False
    try:
        first = start()[:START]
    except (OSError, XrayError):
        return False
    return first.startswith(PNG) and SOFTWARE in first
