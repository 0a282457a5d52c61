"""The files of a public download, in folders and in ZIP and tar archives, which are not unpacked to disk."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NoReturn

from xray.errors import UnreadableImage, UnusableData
from xray.io.tables import Row, read_table
from xray.train.public_data import COLLECTIONS

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class File:
    """A file of a download.

    Attributes:
        path: Path below the download, with the path inside its archive.
        open: Returns the content.
    """

    path: PurePosixPath
    open: Callable[[], bytes]

    def read(self) -> bytes:
        """Return the content. Raises UnreadableImage if it is damaged."""
        try:
            return self.open()
        except (*DAMAGE, OSError) as error:
            raise UnreadableImage(f"{self.path.name} cannot be read.", hint="Download it again.") from error

    def rows(self, *columns: str) -> tuple[Row, ...]:
        """Read the rows of a table.

        Raises:
            UnusableData: If it is no table, or lacks one of the columns (see io.tables.column_key).
        """
        table = read_table(self.path.name, self.read())
        if missing := [column for column in columns if column not in table.columns]:
            raise UnusableData(
                f"{self.path.name} lacks the column {missing[0]}.", hint="Use the file as it is published."
            )
        return table.rows

    def is_in(self, *folders: str) -> bool:
        """Whether the folders that contain the file end with these names, without regard to case."""
        ends = [part.lower() for part in self.path.parts[-1 - len(folders) : -1]]
        return ends == [folder.lower() for folder in folders]


def files_of(place: Path, without: Path | None = None) -> list[File]:
    """List the files of a download in the order of their paths, archives in place of their content.

    Args:
        place: A folder or an archive.
        without: Folder whose files are left out.

    Raises:
        UnusableData: If there is no such place, or an archive is damaged.
    """
    if place.is_file():
        files = _entries(place, PurePosixPath(place.name))
    elif place.is_dir():
        skipped = without.resolve() if without else None
        paths = (
            path
            for path in sorted(place.rglob("*"))
            if path.is_file() and not (skipped and path.resolve().is_relative_to(skipped))
        )
        files = [file for path in paths for file in _below(path, place)]
    else:
        raise UnusableData(f"{place} does not exist.", hint="Give the folder or the archive of the download.")
    return [file for file in files if not any(part.startswith((".", "__MACOSX")) for part in file.path.parts)]


def _below(path: Path, place: Path) -> list[File]:
    name = PurePosixPath(path.relative_to(place).as_posix())
    return _entries(path, name) if path.name.lower().endswith(ARCHIVES) else [File(name, path.read_bytes)]


def _entries(path: Path, name: PurePosixPath) -> list[File]:
    folder = name.parent
    try:
        if zipfile.is_zipfile(path):
            packed = zipfile.ZipFile(path)
            return [
                File(folder / entry.filename, partial(packed.read, entry))
                for entry in packed.infolist()
                if not entry.is_dir()
            ]
        archive = tarfile.open(path)  # noqa: SIM115 - the files are read later
        return [
            File(folder / entry.name, partial(_member, archive, entry)) for entry in archive if entry.isfile()
        ]
    except (*DAMAGE, OSError) as error:
        raise UnusableData(
            f"{path.name} is not an archive, or is damaged.", hint="Download it again."
        ) from error


def _member(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    return file.read() if file else b""


def named(files: Iterable[File], *names: str) -> File | None:
    """Return the first file with one of these names, without regard to case."""
    wanted = [name.lower() for name in names]
    return next((file for file in files if file.path.name.lower() in wanted), None)


def required(files: Iterable[File], collection: str, *names: str) -> File:
    """Return the first file with one of these names.

    Raises:
        UnusableData: If there is none.
    """
    return named(files, *names) or not_found(collection, f"There is no {' or '.join(names)}.")


def not_found(collection: str, missing: str) -> NoReturn:
    """Raise the error for a download that is not that of a collection."""
    expected = COLLECTIONS[collection].expects
    raise UnusableData(f"This is not the download of {collection}. {missing}", hint=f"Expected: {expected}.")
