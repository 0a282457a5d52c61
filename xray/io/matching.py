"""The films that a list names: matched by path, then file name, then name without suffix."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from xray.errors import UnusableData

FILM_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{1,5}$", re.IGNORECASE)  # not the last number of a DICOM UID
IMAGE_SUFFIXES = re.compile(r"(\.(png|jpe?g|jpe|jfif|tiff?|bmp|dib|webp|gif|jp2|dcm|dicom|dic|gz))+$")


def slashed(path: str) -> str:
    """A normalized path with slashes; a URL unchanged."""
    return path if "://" in path else posixpath.normpath(path.replace("\\", "/"))


def folded(path: str) -> str:
    """A normalized path in one case and Unicode form (NFC)."""
    return unicodedata.normalize("NFC", slashed(path)).casefold()


def without_suffix(path: str) -> str:
    """A folded path without the suffix of a film."""
    return FILM_SUFFIX.sub("", folded(path))


def without_image_suffixes(path: str) -> str:
    """A folded path without any number of suffixes of images: the `a` of `a.png.dcm`."""
    return IMAGE_SUFFIXES.sub("", folded(path))


FOLDERS = "open a folder or a ZIP archive, which keep the paths"
HINT = f"O{FOLDERS[1:]}."
KEYS = (slashed, folded, without_suffix, without_image_suffixes)  # from exact to tolerant


def match(written: Iterable[str], films: Iterable[str]) -> dict[str, str]:
    """Find the films that a list names.

    The better two paths agree from the file name backwards, the better they match. A path and a film are a
    pair if each is the only best match of the other. Exact names are matched first, then names that differ in
    case or Unicode form, then names that differ in their suffix or have none or several.

    Args:
        written: Paths, file names or URLs as a list writes them.
        films: Paths of the films; those that are given several times match nothing.

    Returns:
        Films by written path, in the order of the list, without the paths that match no film or several
        films equally well.
    """
    paths, targets = list(dict.fromkeys(written)), Counter(films)
    repeated = {film for film, times in targets.items() if times > 1}
    found: dict[str, str] = {}
    for key in KEYS:
        if len(found) == len(paths):
            break
        path_at = _by_end((key(path), key(path)) for path in paths)
        film_at = _by_end((key(film), film) for film in targets)
        matched = repeated | set(found.values())
        for path in paths:
            film = None if path in found else _best(key(path), film_at)
            if film is not None and film not in matched and _best(key(film), path_at) == key(path):
                found[path] = film
    return {path: found[path] for path in paths if path in found}


def ambiguous(written: Iterable[str], films: Iterable[str]) -> dict[str, list[str]]:
    """Find the paths that match several films equally well, such as a file name that is in two folders.

    Args:
        written: Paths that match() leaves out.
        films: Paths of the films.

    Returns:
        The films, in their order, by written path.
    """
    paths, targets = list(dict.fromkeys(written)), list(films)
    found: dict[str, list[str]] = {}
    for key in KEYS:
        films_at: dict[str, list[str]] = {}
        for film in targets:
            for end in _ends(key(film)):
                films_at.setdefault(end, []).append(film)
        for path in paths:
            if path not in found:
                known = [films_at[end] for end in _ends(key(path)) if end in films_at]
                found |= {path: known[0]} if known else {}
    return {path: found[path] for path in paths if len(found.get(path, ())) > 1}


def no_match(name: str, written: Iterable[str], films: Sequence[str]) -> UnusableData:
    """Return the error for a list none of whose rows matches a film.

    Args:
        name: File name of the list.
        written: Paths as the list writes them.
        films: Paths of the films, at least one.
    """
    paths = list(written)
    for path, known in ambiguous(paths, films).items():
        paths_differ = len(set(known)) > 1
        return UnusableData(
            f"No row of {name} matches one film only: {path} is the name of {len(known):,} films.",
            hint=f"Write the path of each film, such as {known[0]}." if paths_differ else HINT,
        )
    for film, known in ambiguous(films, paths).items():
        return UnusableData(
            f"{name} lists {len(known):,} films called {film}, such as {known[0]}; only one is open.",
            hint=HINT,
        )
    example = f": it lists {paths[0]}, for example" if paths else ""
    return UnusableData(
        f"No row of {name} matches a film{example}.",
        hint=f"Write the paths or names of the films, such as {posixpath.basename(films[0])}.",
    )


def _by_end(items: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """Values by every end of their key, None for an end that several values share."""
    found: dict[str, str | None] = {}
    for key, value in items:
        for end in _ends(key):
            found[end] = value if found.get(end, value) == value else None
    return found


def _best(key: str, values: dict[str, str | None]) -> str | None:
    return next((values[end] for end in _ends(key) if end in values), None)


def _ends(path: str) -> Iterator[str]:
    """The whole path, marked by a leading NUL, and its ends at each slash, the longest first."""
    yield f"\0{path}"
    yield path
    while "/" in path:
        path = path.partition("/")[2]
        yield path
