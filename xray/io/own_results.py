"""Results of this program among films."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from xray.errors import XrayError

SUFFIXES = {".parquet", ".unfinished"}
EXPORTS = ("-report.pdf", "-report.html", "-bundle.zip", "-dicom.zip", "-overlay.dcm", "-findings.dcm")
DRAWN = re.compile(r".*-(overlay|boxes)\.png|\d{5}-.*\.png", re.DOTALL)  # of analyze and cohort
PNG, SOFTWARE = b"\x89PNG\r\n\x1a\n", b"tEXtSoftware\0xray "  # as io.encode writes them
START = 4096  # bytes of a PNG within which its text chunks are


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
