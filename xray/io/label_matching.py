"""Assignment of the rows of label lists to films by path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from xray.errors import UnusableData
from xray.io.label_lists import FilmLabels, FilmList
from xray.io.matching import ambiguous, match, no_match


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
        several = ambiguous((path for path in listed.films if path not in found), films)
        missing = [path for path in listed.films if path not in found and path not in several]
        notes = list(listed.notes)
        if several:
            path = next(iter(several))
            notes.insert(
                0,
                f"{_share(several, listed)} not assigned, because several films have the same name, such as "
                f"{path} ({len(several[path])} films; write {several[path][0]}, for example)",
            )
        if missing:
            notes.insert(0, f"{_share(missing, listed)} not found, such as {missing[0]}")
        matched = matched or bool(found)
        if films and not found:
            failure = no_match(listed.name, listed.films, films)
        if notes:
            messages.append(f"{listed.name}: {'; '.join(notes)}.")
    if failure and not matched:
        raise failure
    return labels, " ".join(messages)


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
