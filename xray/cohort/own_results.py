"""Results of this program among the files of a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

SUFFIXES = {".parquet", ".unfinished"}
EXPORTS = ("-report.pdf", "-report.html", "-bundle.zip", "-dicom.zip", "-overlay.dcm", "-findings.dcm")
PNG, SOFTWARE = b"\x89PNG\r\n\x1a\n", b"tEXtSoftware\0xray "  # as io.encode writes them
START = 4096  # bytes of a PNG within which its text chunks are


def without_results(folder: Path, names: list[str]) -> list[str]:
    """Leave out tables, exports and drawn pictures that earlier runs wrote into a folder.

    Args:
        folder: The folder.
        names: Paths of its files, relative to it.

    Returns:
        The other names, in their order.
    """
    return [name for name in names if not _is_result(folder / name, PurePosixPath(name))]


def _is_result(place: Path, name: PurePosixPath) -> bool:
    if name.suffix.lower() in SUFFIXES or name.name.endswith(EXPORTS):
        return True
    if name.suffix.lower() != ".png":
        return False
    try:
        with place.open("rb") as file:
            start = file.read(START)
    except OSError:
        return False
    return start.startswith(PNG) and SOFTWARE in start
