"""The files of a cohort: a folder, uploaded files or a ZIP archive, read one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from xray.access import Visitor, owner_of
from xray.errors import UnusableData
from xray.io import read_radiograph
from xray.io.archive import entries, is_archive
from xray.io.decode import content, printable
from xray.io.folders import files_below, may_be_film
from xray.io.label_lists import is_label_list
from xray.io.tables import is_table
from xray.types import Radiograph

Content = bytes | Radiograph


@dataclass(frozen=True)
class File:
    """One file of a cohort.

    Attributes:
        name: Path within the folder or archive, with slashes.
        content: Reads the file when it is needed; returns bytes, or a Radiograph for a simulated film. Raises
            XrayError.
    """

    name: str
    content: Callable[[], Content]

    def film(self) -> Radiograph:
        """Read the film. Raises UnreadableImage or RefusedArchive."""
        content = self.content()
        return content if isinstance(content, Radiograph) else read_radiograph(content, self.name)


def folder(place: Path, visitor: Visitor) -> list[File]:
    """List the files of a folder and its subfolders, sorted by name.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If the folder does not exist or contains no film.
    """
    owner_of(visitor, "files")
    if not place.is_dir():
        raise UnusableData(f"There is no folder {printable(str(place))}.", hint="Check its path.")
    place = place.absolute()  # other processes may have another working directory
    found = [File(printable(name), partial(content, place / name)) for name in files_below(place)]
    if not found:
        raise UnusableData(
            f"The folder {printable(place.name)} contains no files.", hint="Choose a folder with radiographs."
        )
    return found


def films_of(given: Iterable[tuple[str, BinaryIO]]) -> tuple[list[File], list[tuple[str, bytes]]]:
    """Separate open files into films and label lists; ZIP archives are expanded.

    Args:
        given: Name and binary stream of each file.

    Returns:
        The films in the given order, and name and bytes of each label list.

    Raises:
        RefusedArchive: If an archive is unsafe to open.
    """
    films: list[File] = []
    lists: list[tuple[str, bytes]] = []
    for name, stream in given:
        if is_table(name):
            lists.append((name, _whole(stream)))
        elif is_archive(stream):
            inside = entries(stream, name)
            films += [File(printable(path), read) for path, read in inside if may_be_film(path, read)]
            lists += [(path, read()) for path, read in inside if is_label_list(path)]
        else:
            films.append(File(printable(name), partial(_whole, stream)))
    return films, lists


def _whole(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read()
