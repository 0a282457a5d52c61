"""Films grouped by their prediction set, and whether the sets can be trusted on a cohort.

A set keeps `present`, `absent`, both or neither, so `cannot tell` consists of three groups: both, at or above
the operating point or below it, and neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from scipy.stats import binomtest, kstest

from xray.models.conformal import COVERAGE
from xray.train.bootstrap import Estimate
from xray.train.metrics import holm, share

BOTH = "present or absent"
PRESENT, ABOVE, BELOW, NEITHER, ABSENT = GROUPS = (
    "Present",
    "Undecided, at or above operating point",
    "Undecided, below operating point",
    "Neither: unlike the validation films",
    "Absent",
)
LEVEL = 0.05  # of the tests of the sets, together


@dataclass(frozen=True)
class TriageGroup:
    """The films with the same prediction set.

    Attributes:
        name: One of GROUPS.
        rows: Indices of the films in the cohort.
        labeled: Number of films with a label of the finding.
        present: Share of them with the finding, with its 95% interval (Wilson); None without labels.
    """

    name: str
    rows: tuple[int, ...]
    labeled: int
    present: Estimate | None


@dataclass(frozen=True)
class SetTest:
    """One test of what the sets assume: that the films are exchangeable with the validation films.

    Attributes:
        name: What is counted, a clause without its subject.
        n: Number of films.
        share: Measured share.
        expected: Share that is expected: at least in a test of coverage, at most in a test of familiarity.
        bounds: 95% interval of the share (Wilson); None where the share is chosen by the test itself.
        p: Probability of a difference as large by chance, corrected for all tests of the cohort.
    """

    name: str
    n: int
    share: float
    expected: float
    bounds: tuple[float, float] | None
    p: float

    @property
    def failed(self) -> bool:
        """Whether the cohort contradicts the assumption."""
        return self.p < LEVEL

    def __str__(self) -> str:
        interval = " ({:.0%} to {:.0%})".format(*self.bounds) if self.bounds else ""
        bound = "at least" if self.bounds else "at most"
        return (
            f"{self.share:.0%}{interval} of {self.n:,} {self.name}, expected {bound} {self.expected:.0%}, "
            f"corrected p = {self.p:.2g}"
        )


def triage(results: pa.Table, finding: str) -> list[TriageGroup]:
    """Group the analyzed films, without duplicates, by their prediction set of a finding; in GROUPS' order.

    Args:
        results: Table of the cohort (see cohort.table).
        finding: Finding as the model spells it.
    """
    members: dict[str, list[int]] = {name: [] for name in GROUPS}
    possible, above = (results[f"{name}: {finding}"].to_pylist() for name in ("possible", "at or above"))
    named = {"present": PRESENT, "absent": ABSENT}
    for row in _analyzed(results, f"possible: {finding}"):
        undecided = {BOTH: ABOVE if above[row] else BELOW}
        members[(named | undecided).get(possible[row], NEITHER)].append(row)
    labels = _labels(results, finding)
    groups = []
    for name, rows in members.items():
        known = [label for row in rows if (label := labels[row]) is not None]
        groups.append(TriageGroup(name, tuple(rows), len(known), share(sum(known), len(known))))
    return groups


def set_tests(results: pa.Table, finding: str) -> list[SetTest]:
    """Test whether the prediction sets of a finding can be trusted on a cohort.

    Labeled films must keep their label in at least COVERAGE of the sets, tested for films with and without
    the finding (binomial). Familiarity, the share of held-out films that are less like the training films,
    is uniform if the films are exchangeable with these: at most x of the films may have a familiarity up to
    x. The one-sided Kolmogorov-Smirnov test compares at the x where the excess is largest, which is the share
    that is reported. p is corrected (Holm), and treats films of one patient as independent.

    Args:
        results: Table of the cohort (see cohort.table).
        finding: Finding as the model spells it.

    Returns:
        The tests that the cohort allows; coverage first.
    """
    rows = _analyzed(results, f"possible: {finding}")
    labels, possible = _labels(results, finding), results[f"possible: {finding}"].to_pylist()
    measured: list[tuple[str, int, float, float, tuple[float, float] | None, float]] = []
    for label, name, word in ((1, "with", "present"), (0, "without", "absent")):
        kept = [word in possible[row].split(" or ") for row in rows if labels[row] == label]
        if found := share(sum(kept), len(kept)):
            p = float(binomtest(sum(kept), len(kept), COVERAGE, alternative="less").pvalue)
            sentence = f"films {name} {finding} keep {word} in their set"
            measured.append((sentence, len(kept), found.value, COVERAGE, (found.low, found.high), p))
    familiarity = results["familiarity"].to_pylist()
    known = [value for row in rows if (value := familiarity[row]) is not None]
    if known:
        tested = kstest(known, "uniform", alternative="greater")
        where = float(tested.statistic_location)
        sentence = f"films are as unfamiliar as the least familiar {where:.0%} of the held-out films"
        excess = where + float(tested.statistic)
        measured.append((sentence, len(known), excess, where, None, float(tested.pvalue)))
    adjusted = holm([p for *_, p in measured])
    return [SetTest(*test[:5], p) for test, p in zip(measured, adjusted, strict=True)]


def _analyzed(results: pa.Table, column: str) -> list[int]:
    """Rows with a prediction that are no duplicate."""
    values, duplicates = results[column].to_pylist(), results["duplicate_of"].to_pylist()
    return [row for row, value in enumerate(values) if value is not None and not duplicates[row]]


def _labels(results: pa.Table, finding: str) -> list[int | None]:
    label = f"label: {finding}"
    known = label in results.column_names
    return results[label].to_pylist() if known else [None] * len(results)
