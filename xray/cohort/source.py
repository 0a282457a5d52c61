"""Where the films of a cohort lie: a folder, files given by hand, or a ZIP archive; read one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from xray.errors import UnusableData
from xray.io import read_radiograph
from xray.io.archive import entries, is_archive
from xray.io.files import content, printable
from xray.types import Radiograph

ASIDE = {".csv", ".json", ".md", ".txt", ".yaml", ".yml"}  # what lies beside films and is none
LABELS = "labels.csv"

Content = bytes | Radiograph


@dataclass(frozen=True)
class File:
    """One file of a cohort. name: its path within the folder or archive, with slashes.

    content: reads it when its turn comes, as bytes or, if it never was a file, as a film. Raises XrayError.
    """

    name: str
    content: Callable[[], Content]

    def film(self) -> Radiograph:
        """Raises UnreadableImage or RefusedArchive."""
        content = self.content()
        return content if isinstance(content, Radiograph) else read_radiograph(content, self.name)


def is_film(name: str) -> bool:
    """Whether a file is to be read as a film: all are but hidden ones and what lies beside films."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() not in ASIDE


def folder(place: Path) -> list[File]:
    """The files of a folder and its subfolders in the order of their names. Raises UnusableData."""
    if not place.is_dir():
        raise UnusableData(f"There is no folder {printable(str(place))}.", hint="Check its path.")
    place = place.absolute()  # other processes may work elsewhere
    names = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    found = [File(printable(name), partial(content, place / name)) for name in names if is_film(name)]
    if not found:
        raise UnusableData(
            f"The folder {printable(place.name)} holds no files.", hint="Give one with radiographs in it."
        )
    return found


def films_of(given: Iterable[tuple[str, BinaryIO]]) -> tuple[list[File], list[tuple[str, bytes]]]:
    """Named open files as films, archives opened, in the order given; and, apart, the lists of labels.

    Raises RefusedArchive.
    """
    films: list[File] = []
    lists: list[tuple[str, bytes]] = []
    for name, stream in given:
        if is_archive(stream):
            inside = entries(stream, name)
            films += [File(printable(path), read) for path, read in inside if is_film(path)]
            lists += [(path, read()) for path, read in inside if PurePosixPath(path).name == LABELS]
        elif PurePosixPath(name).suffix.lower() == ".csv":
            lists.append((name, _whole(stream)))
        else:
            films.append(File(printable(name), partial(_whole, stream)))
    return films, lists


def _whole(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read()
