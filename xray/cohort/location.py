"""The films at a path or URL: a folder, a ZIP archive or a CSV list, readable from any process."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import fsspec
from fsspec.core import url_to_fs

from xray.access import TERMINAL
from xray.cohort.labels import Labels, beside, listed, of_folder
from xray.cohort.pacs import pacs_films
from xray.cohort.source import File, folder
from xray.errors import UnreadableImage, UnusableData, XrayError
from xray.io.archive import entries, is_archive
from xray.io.decode import content, printable
from xray.io.dicomweb import SCHEME
from xray.io.folders import files_below, may_be_film
from xray.io.label_lists import is_label_list, read_film_list
from xray.io.label_matching import match_attributes, match_labels
from xray.io.matching import match
from xray.io.result_files import START
from xray.io.tables import is_table

Lists = list[tuple[str, bytes]]  # path and bytes of each list of labels

SCALE = "pip install -r requirements-scale.txt"


def located(place: str, labels: Path | None = None) -> tuple[list[File], Labels]:
    """Find films and their labels, for a user of the terminal.

    A list beside the films that cannot be used leaves them without labels, with a note.

    Args:
        place: A path, a URL of any kind that fsspec supports, or a search `dicomweb://HOST/PATH?KEYWORD=VALUE`.
        labels: A list of labels to use instead of one beside the films.

    Raises:
        UnusableData: If there are no films, or the given list is invalid or matches no film.
        RefusedArchive: If an archive is unsafe to open.
        PacsUnavailable: If a PACS cannot be searched.
    """
    if place.startswith(SCHEME):
        films = pacs_films(place)
        return films, _given(labels, films) if labels else Labels({})
    if not is_url(place) and not Path(place).is_file():
        films = folder(Path(place), TERMINAL)
        return films, _given(labels, films) if labels else beside(of_folder, Path(place), TERMINAL)
    with _errors_as(UnusableData, printable(place)):
        if is_url(place) and not _is_file(place):
            films, lists = _remote_folder(place)
            return films, _given(labels, films) if labels else beside(listed, lists, _names(films))
        with _open(place) as stream:
            if is_table(place):
                return _manifest(place, stream.read(), labels)
            if is_archive(stream):
                films, lists = _archive(place, stream)
                return films, _given(labels, films) if labels else beside(listed, lists, _names(films))
    films = [File(_base(place), _reader(place))]
    return films, _given(labels, films) if labels else Labels({})


def _given(labels: Path, films: list[File]) -> Labels:
    return listed([(labels.name, content(labels))], _names(films))


def _names(films: list[File]) -> list[str]:
    return [film.name for film in films]


def is_url(place: str) -> bool:
    """Whether a place is a URL, not a path."""
    return "://" in place


def _remote_folder(url: str) -> tuple[list[File], Lists]:
    files, root = url_to_fs(url)
    root = root.rstrip("/") + "/"
    names = sorted(path.removeprefix(root) for path in files.find(root))
    found = [
        File(printable(name), _reader(files.unstrip_protocol(root + name)))
        for name in names
        if may_be_film(name, partial(files.cat_file, root + name, 0, START))
    ]
    if not found:
        raise UnusableData(f"{printable(url)} contains no films.", hint="Check the address.")
    return found, [
        (name, files.cat_file(root + name)) for name in names if "/" not in name and is_label_list(name)
    ]


def _archive(place: str, stream: BinaryIO) -> tuple[list[File], Lists]:
    inside = entries(stream, _base(place))
    at = place if is_url(place) else str(Path(place).absolute())
    films = [
        File(printable(path), partial(_entry, at, number))
        for number, (path, read) in enumerate(inside)
        if may_be_film(path, read)
    ]
    return films, [(path, read()) for path, read in inside if is_label_list(path)]


def _manifest(place: str, data: bytes, labels: Path | None) -> tuple[list[File], Labels]:
    """The films that a list names by URL or by path from the list, and its labels."""
    contents = read_film_list(_base(place), data, needs_labels=False)
    here = place.rpartition("/")[0] if is_url(place) else str(Path(place).absolute().parent)
    places = {path: _from(here, path) for path in contents.films}
    lost = [path for path, at in places.items() if not is_url(at) and not Path(at).is_file()]
    found = match(lost, files_below(Path(here))) if lost and not is_url(here) else {}
    files = [File(printable(path), _reader(_from(here, found.get(path, path)))) for path in contents.films]
    if labels:
        return files, _given(labels, files)
    known = match_labels([contents] if contents.labeled else [], _names(files))
    return files, Labels(*known, attributes=match_attributes([contents], _names(files)))


def _from(here: str, path: str) -> str:
    if is_url(path) or Path(path).is_absolute():
        return path
    return f"{here}/{path}" if is_url(here) else str(Path(here, path))


def _reader(place: str) -> Callable[[], bytes]:
    return partial(_remote_content, place) if is_url(place) else partial(content, Path(place).absolute())


def _remote_content(url: str) -> bytes:
    """The bytes behind a URL. Raises UnreadableImage."""
    with _errors_as(UnreadableImage, _base(url)):
        files, path = url_to_fs(url)
        return files.cat_file(path)


def _entry(place: str, number: int) -> bytes:
    """The bytes of a file in an archive. Raises UnreadableImage or RefusedArchive."""
    try:
        return _kept_open(place)[number]()
    except _faults() as error:
        raise UnreadableImage(f"{_base(place)} cannot be opened.", hint="Check its location.") from error


@lru_cache(maxsize=4)
def _kept_open(place: str) -> list[Callable[[], bytes]]:
    """Readers of the files of an archive, which each process opens once."""
    return [read for _, read in entries(_open(place), _base(place))]


def _open(place: str) -> BinaryIO:
    return fsspec.open(place, "rb").open() if is_url(place) else Path(place).open("rb")


def _is_file(url: str) -> bool:
    files, path = url_to_fs(url)
    return bool(files.isfile(path))


def _base(place: str) -> str:
    return printable(PurePosixPath(place.replace("\\", "/")).name)


@contextmanager
def _errors_as(error_type: type[XrayError], name: str) -> Iterator[None]:
    """Raise the errors of the libraries behind URLs as an XrayError about `name`."""
    try:
        yield
    except ImportError as error:
        raise error_type(f"{name} needs a library: {error}.", hint=SCALE) from error
    except _faults() as error:
        raise error_type(
            f"{name} cannot be opened.", hint="Check the address and its permissions."
        ) from error


@cache
def _faults() -> tuple[type[Exception], ...]:
    found: list[type[Exception]] = [OSError, ValueError]
    for module, name in (("botocore.exceptions", "BotoCoreError"), ("aiohttp", "ClientError")):
        with suppress(ImportError):
            found.append(getattr(importlib.import_module(module), name))
    return tuple(found)
