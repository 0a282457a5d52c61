"""Which files of a folder or an archive are films."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

from xray.io.formats import is_image
from xray.io.result_files import START as RESULT_START
from xray.io.result_files import is_result
from xray.io.tables import is_table

BESIDE_FILMS = {".json", ".md", ".txt", ".yaml", ".yml"}  # suffixes
OF_PROGRAMS = {"dicomdir", "thumbs.db", "desktop.ini"}  # file names
OF_IMAGES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".dcm"}
START = 1024  # bytes that determine the format


def is_film_name(name: str) -> bool:
    """Whether a file may be a film: it is not hidden, no list or text, and not written by a file manager."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    beside = path.suffix.lower() in BESIDE_FILMS or is_table(name) or path.name.lower() in OF_PROGRAMS
    return not (hidden or beside)


def files_below(folder: Path) -> list[str]:
    """List the possible films of a folder and its subfolders: their paths with slashes, sorted.

    Results of earlier runs are left out. A broken link is listed, and reading it is an error.
    """
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if _is_file(path))
    return sorted(name for name in names if may_be_film(name, partial(_start, folder / name, RESULT_START)))


def may_be_film(name: str, start: Callable[[], bytes]) -> bool:
    """Whether a file may be a film and is no result of an earlier run (see result_files.is_result)."""
    return is_film_name(name) and not is_result(name, start)


def _start(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _is_file(path: Path) -> bool:
    return path.is_file() or (path.is_symlink() and not path.exists())


def is_film_file(path: Path) -> bool:
    """Whether a file is a film by its suffix or, with any other suffix or none, by its content."""
    if not may_be_film(path.name, partial(_start, path, RESULT_START)):
        return False
    if path.suffix.lower() in OF_IMAGES:
        return True
    try:
        return is_image(_start(path, START))
    except OSError:
        return False
