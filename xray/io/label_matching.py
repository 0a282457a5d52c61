"""Assignment of the rows of label lists to films by path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from xray.errors import UnusableData
from xray.io.label_lists import FilmLabels, FilmList
from xray.io.matching import FOLDERS, ambiguous, match, no_match


def match_labels(lists: Iterable[FilmList], films: Sequence[str]) -> tuple[dict[str, FilmLabels], str]:
    """Assign the labels of lists to films.

    Args:
        lists: The lists. If several label a film, the last one is used.
        films: Paths of the films.

    Returns:
        Labels by film, and a message that counts what was left out; empty if nothing was.

    Raises:
        UnusableData: If there are films and lists, but no row of any list matches a film.
    """
    labels: dict[str, FilmLabels] = {}
    messages: list[str] = []
    failure: UnusableData | None = None
    matched = False
    for listed in lists:
        found = match(listed.films, films)
        labels |= {film: given for path, film in found.items() if (given := listed.films[path])}
        notes = [*_left_out(listed, films, found), *listed.notes]
        matched = matched or bool(found)
        if films and not found:
            failure = no_match(listed.name, listed.films, films)
        if notes:
            messages.append(f"{listed.name}: {'; '.join(notes)}.")
    if failure and not matched:
        raise failure
    return labels, " ".join(messages)


def _left_out(listed: FilmList, films: Sequence[str], found: Mapping[str, str]) -> list[str]:
    """State how many films of a list match no film, or not one film only."""
    notes: list[str] = []
    taken = set(found.values())
    unmatched = [path for path in listed.films if path not in found]
    several = ambiguous(unmatched, films)
    shared = ambiguous(
        (film for film in films if film not in taken), (path for path in unmatched if path not in several)
    )
    sharing = set(chain(*shared.values()))
    if missing := [path for path in unmatched if path not in several and path not in sharing]:
        notes.append(f"{_share(missing, listed)} not found, such as {missing[0]}")
    if shared:
        film, paths = next(iter(shared.items()))
        notes.append(
            f"{_share(sharing, listed)} not assigned, because only one of several films of the same name is "
            f"open, such as {film} ({' or '.join(paths[:2])}; {FOLDERS})"
        )
    if several:
        path, known = next(iter(several.items()))
        advice = f"write {known[0]}, for example" if len(set(known)) > 1 else FOLDERS
        notes.append(
            f"{_share(several, listed)} not assigned, because several films have the same name, such as "
            f"{path} ({len(known)} films; {advice})"
        )
    return notes


def match_attributes(lists: Iterable[FilmList], films: Sequence[str]) -> dict[str, dict[str, str]]:
    """Assign the other columns of lists to films.

    Args:
        lists: The lists. If several have a column, the last one is used.
        films: Paths of the films.

    Returns:
        Values by column, by film.
    """
    found: dict[str, dict[str, str]] = {}
    for listed in lists:
        for path, film in match(listed.attributes, films).items():
            found.setdefault(film, {}).update(listed.attributes[path])
    return found


def _share(paths: Collection[str], listed: FilmList) -> str:
    return f"{len(paths):,} of {len(listed.films):,} listed films {'is' if len(paths) == 1 else 'are'}"
