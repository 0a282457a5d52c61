"""Labels of films as targets of a model's findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from xray.io.label_lists import NO_FINDINGS, NORMAL, FilmLabels, plain
from xray.train.film import Film
from xray.types import Pixels

MOST_NAMED = 5  # labels that a message names


Labeled = FilmLabels | Film


def targets(films: Sequence[Labeled | None], findings: Sequence[str]) -> Pixels:
    """Targets of a model's findings.

    Labels without any finding of the model are unknown, unless they state that the film is normal. The class
    of a data set with a single class is the finding of a model with a single finding, whatever its name.

    Args:
        films: Labels of n films, None where unknown.
        findings: K findings.

    Returns:
        float32 (n, K): 1 if a film has the finding, 0 if not, NaN if unknown.
    """
    names = [plain(finding) for finding in findings]
    rows = [[np.nan] * len(names) if film is None else _row(film, names) for film in films]
    return np.array(rows, np.float32).reshape(-1, len(names))


def _row(film: Labeled, names: list[str]) -> list[float]:
    labels, known = film.labels, film.known
    abnormal = {name for name in names if name not in NORMAL}
    if film.single_class and len(abnormal) == 1:
        labels, known = frozenset(abnormal if labels else ()), frozenset(abnormal)
    normal = bool(labels & NORMAL) and labels <= NO_FINDINGS
    described = normal or not labels.isdisjoint(names)

    def target(name: str) -> float:
        if name in labels or (name in NORMAL and normal):
            return 1
        if name in known or (not known and described):
            return 0
        if name in NORMAL and (labels & abnormal or known >= abnormal):
            return 0 if labels else 1
        return np.nan

    return [target(name) for name in names]


def unreported_labels(films: Iterable[Labeled | None], findings: Sequence[str]) -> str:
    """A message that counts the labels that are no finding of the model; empty if there are none."""
    names = {plain(finding) for finding in findings}
    single = len(names - NORMAL) == 1
    counted = Counter(
        label
        for film in films
        if film is not None and not (single and film.single_class)
        for label in film.labels - NORMAL - names
    )
    if not counted:
        return ""
    named = ", ".join(f"{label} ({number:,})" for label, number in counted.most_common(MOST_NAMED))
    others = f" and {len(counted) - MOST_NAMED:,} others" if len(counted) > MOST_NAMED else ""
    return f"Labels that the model does not report, with their films: {named}{others}."


def renamed_class(films: Iterable[Labeled | None], findings: Sequence[str]) -> str:
    """A message that names the only class of a data set and the finding, if they differ; otherwise empty."""
    abnormal = [finding for finding in findings if plain(finding) not in NORMAL]
    classes = {name for film in films if film is not None and film.single_class for name in film.known}
    if len(abnormal) != 1 or not classes or classes == {plain(abnormal[0])}:
        return ""
    return f"The only class of the data set, {'|'.join(sorted(classes))}, is compared with {abnormal[0]}."
