"""Figures of a model in parts of a cohort, such as one sex or one device: the worst slices first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import fisher_exact, norm

from xray.cohort.labels import Labels, truths
from xray.train.bootstrap import Bootstrap, Estimate, Figure, estimates, on_all, resampled
from xray.train.metrics import auroc, calibration_error, holm, share

Values = NDArray[np.float64]
Marks = NDArray[np.bool_]

AUROC, SENSITIVITY, CALIBRATION = "AUROC", "Sensitivity", "Calibration error"
CANNOT_TELL, SUPPORTED = "Cannot tell", "Map supported"
METRICS = (AUROC, SENSITIVITY, CALIBRATION, CANNOT_TELL, SUPPORTED)
LOWER_IS_WORSE = {AUROC, SENSITIVITY, SUPPORTED}
FEWEST = 5  # patients with the finding, and as many without, that an AUROC needs
RESAMPLES = 1000


@dataclass(frozen=True, eq=False)
class Films:
    """The analyzed films (n) of a cohort without duplicates, for one finding.

    Attributes:
        rows: Indices of the films in the cohort.
        probabilities: Of the finding.
        labels: 1 with the finding, 0 without, NaN if unknown.
        positive: Whether the probability reaches the operating point.
        cannot_tell: Whether the answer is `cannot tell`.
        supported: 1 if the map is supported, 0 if not, NaN if it was not checked.
        patients: Patient of each film; a film without label counts as one patient.
    """

    rows: NDArray[np.intp]
    probabilities: Values
    labels: Values
    positive: Marks
    cannot_tell: Marks
    supported: Values
    patients: tuple[str, ...]

    def patients_among(self, part: Marks) -> list[str]:
        """Patient of each film of a part (n)."""
        return [patient for patient, used in zip(self.patients, part, strict=True) if used]

    @cached_property
    def resamples(self) -> Bootstrap:
        """A bootstrap over patients, the same for every slice and the other films."""
        return resampled(list(self.patients), RESAMPLES)


@dataclass(frozen=True, eq=False)
class Slice:
    """The films with one value of a column.

    Attributes:
        column: The column.
        value: The value.
        rows: Indices of the films in the cohort.
        labeled: Number of films with a label of the finding.
        present: Number of films labeled with the finding.
        figures: Figures of METRICS with 95% intervals; those that cannot be computed are missing.
        p: Probability of a difference from the other films at least as large by chance, by metric, after
            correction for all tests.
        worse: Metrics in which the slice is worse than the other films, whether or not by chance.
    """

    column: str
    value: str
    rows: tuple[int, ...]
    labeled: int
    present: int
    figures: dict[str, Estimate]
    p: dict[str, float]
    worse: frozenset[str]

    @property
    def lowest_p(self) -> float:
        """The smallest corrected p of a metric in which the slice is worse; 1 without any."""
        return min((p for name, p in self.p.items() if name in self.worse), default=1.0)


def films_of(results: pa.Table, finding: str, labels: Labels | None = None) -> Films:
    """Read the films of a table of results (see cohort.table).

    Args:
        results: The table. Films without a prediction and duplicates are ignored.
        finding: Finding as the model spells it.
        labels: Labels of the films; those of the finding are columns of the table.
    """
    used = [
        state == "answered" and not duplicate
        for state, duplicate in zip(
            results["state"].to_pylist(), results["duplicate_of"].to_pylist(), strict=True
        )
    ]
    rows = np.flatnonzero(used)
    table = results.take(rows)
    known = truths(labels, table["file"].to_pylist())
    label = f"label: {finding}"
    found = table[label].to_pylist() if label in table.column_names else [None] * len(rows)
    return Films(
        rows=rows,
        probabilities=np.array(table[f"probability: {finding}"].to_pylist(), np.float64),
        labels=np.array([np.nan if value is None else value for value in found], np.float64),
        positive=np.array(table[f"at or above: {finding}"].to_pylist(), bool),
        cannot_tell=np.array([answer == "cannot tell" for answer in table[f"answer: {finding}"].to_pylist()]),
        supported=np.array(
            [np.nan if support is None else support == "supported" for support in table["map"].to_pylist()],
            np.float64,
        ),
        patients=tuple(
            truth.patient if truth else f"film {row}" for truth, row in zip(known, rows, strict=True)
        ),
    )


def overall(films: Films) -> dict[str, Estimate]:
    """The figures of METRICS over all films."""
    return _figures(films, np.ones(len(films.rows), bool))


def slices(films: Films, values: Sequence[str], column: str) -> list[Slice]:
    """Compare the films of each value of a column with the other films; p is not corrected.

    Shares are compared by Fisher's exact test, AUROC by the bootstrap over patients of the difference. The
    calibration error is not tested, since it rises as the number of films falls.

    Args:
        films: The films (n).
        values: Value of each film (n).
        column: Name of the column.
    """
    found = []
    for value in dict.fromkeys(sorted(values)):
        inside = np.array([other == value for other in values])
        p, worse = _compared(films, inside)
        found.append(
            Slice(
                column=column,
                value=value,
                rows=tuple(films.rows[inside].tolist()),
                labeled=int((~np.isnan(films.labels[inside])).sum()),
                present=int((films.labels[inside] == 1).sum()),
                figures=_figures(films, inside),
                p=p,
                worse=worse,
            )
        )
    return found


def worst_first(found: Sequence[Slice]) -> list[Slice]:
    """Correct p for the number of all tests, and sort: the clearest disadvantage first, then the AUROC."""
    adjusted = iter(holm([p for part in found for p in part.p.values()]))
    corrected = [replace(part, p={name: next(adjusted) for name in part.p}) for part in found]

    def rank(part: Slice) -> tuple[float, float]:
        figure = part.figures.get(AUROC)
        return part.lowest_p, figure.value if figure else 1.0

    return sorted(corrected, key=rank)


def _shares(films: Films) -> dict[str, tuple[Values, Marks]]:
    """Outcome (n) and the films (n) that count, of each metric that is a share."""
    return {
        SENSITIVITY: (films.positive.astype(np.float64), films.labels == 1),
        CANNOT_TELL: (films.cannot_tell.astype(np.float64), np.ones(len(films.rows), bool)),
        SUPPORTED: (films.supported, ~np.isnan(films.supported)),
    }


def _figures(films: Films, inside: Marks) -> dict[str, Estimate]:
    known = inside & ~np.isnan(films.labels)
    resampling: dict[str, Figure] = {}
    scores, labels = films.probabilities[known], films.labels[known]
    patients = films.patients_among(known)
    if enough_patients(patients, labels):
        resampling[AUROC] = auroc(scores, labels)
    if len(set(patients)) >= 2 * FEWEST:
        resampling[CALIBRATION] = calibration_error(scores, labels)
    measured = estimates(resampling, resampled(patients, RESAMPLES)) if resampling else {}
    found = {name: Estimate(**figure) for name, figure in measured.items()}
    for name, (outcome, counted) in _shares(films).items():
        used = counted & inside
        if estimate := share(int(outcome[used].sum()), int(used.sum())):
            found[name] = estimate
    return {name: found[name] for name in METRICS if name in found}


def _compared(films: Films, inside: Marks) -> tuple[dict[str, float], frozenset[str]]:
    """The p of a slice against the other films, and the metrics in which it is worse."""
    p: dict[str, float] = {}
    differences: dict[str, float] = {}
    if (compared := _auroc_difference(films, inside)) is not None:
        differences[AUROC], p[AUROC] = compared
    for name, (outcome, counted) in _shares(films).items():
        table = [
            [int(outcome[part].sum()), int((1 - outcome[part]).sum())]
            for part in (counted & inside, counted & ~inside)
        ]
        (here, missing), (elsewhere, lost) = table
        if here + missing and elsewhere + lost:
            p[name] = float(fisher_exact(table).pvalue)
            differences[name] = here / (here + missing) - elsewhere / (elsewhere + lost)
    worse = {name for name, difference in differences.items() if (difference < 0) == (name in LOWER_IS_WORSE)}
    return p, frozenset(name for name in worse if differences[name])


def enough_patients(patients: Sequence[str], labels: Values) -> bool:
    """Whether FEWEST patients have films (n) with the finding, and FEWEST have films without it.

    Args:
        patients: Patient of each film.
        labels: 1 with the finding, 0 without, NaN if unknown.
    """
    names = np.array(patients)
    return all(len(np.unique(names[labels == label])) >= FEWEST for label in (0, 1))


def _auroc_difference(films: Films, inside: Marks) -> tuple[float, float] | None:
    """The AUROC of a slice minus that of the other films, and its p; None with too few films."""
    known = ~np.isnan(films.labels)
    values: list[float] = []
    draws: list[NDArray[np.floating]] = []
    for part in (known & inside, known & ~inside):
        labels = films.labels[part]
        if not enough_patients(films.patients_among(part), labels):
            return None
        figure = auroc(films.probabilities[part], labels)
        values.append(float(on_all(figure, len(labels))))
        draws.append(films.resamples.among(part).values({AUROC: figure})[AUROC])
    difference, deviation = values[0] - values[1], float(np.nanstd(draws[0] - draws[1]))
    if not deviation:
        return None
    return difference, float(2 * norm.sf(abs(difference) / deviation))
