"""Answers of a cohort against what is known of its films: ROC curve, its area, counts at a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, roc_curve

from xray.cohort.labels import Labels, Truth, targets, truths
from xray.cohort.row import Row
from xray.errors import UnusableData
from xray.train.metrics import Estimate, auroc, estimates, resampled

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """One finding on the films (n) that have an answer and a label. said: probabilities; happened: 0 or 1.

    false_alarms, found: shares of the films without and with it that reach a threshold, from above all on.
    auroc: with its 95% interval over patients.
    """

    said: Values
    happened: Values
    false_alarms: Values
    found: Values
    thresholds: Values
    auroc: Estimate

    def confusion(self, threshold: float) -> list[list[int]]:
        """Counts; rows: with the finding, without; columns: called positive from a threshold on, negative."""
        at = self.said >= threshold
        return confusion_matrix(self.happened == 1, at, labels=[True, False]).tolist()


def compare(rows: Sequence[Row], labels: Labels, finding: str) -> Comparison:
    """The answers for a finding against its labels; a film that is there twice counts once.

    Raises UnusableData where the films are not labeled both ways.
    """
    answered = [row for row in rows if row.prediction is not None and not row.duplicate_of]
    known = truths(labels, (row.file for row in answered))
    happened = _happened(answered, known, finding)
    told = ~np.isnan(happened)
    said = np.array([row.probability(finding) for row in answered])[told]
    happened = happened[told]
    if not 0 < happened.sum() < len(happened):
        raise UnusableData(
            f"{int(happened.sum())} of {len(happened)} labeled films show {finding}.",
            hint="A curve needs films with it and films without it.",
        )
    patients = [truth.patient for truth, one in zip(known, told, strict=True) if one and truth]
    false_alarms, found, thresholds = roc_curve(happened, said, drop_intermediate=False)
    figure = estimates({"auroc": auroc(said, happened)}, resampled(patients))["auroc"]
    return Comparison(said, happened, false_alarms, found, thresholds, Estimate(**figure))


def answers(rows: Sequence[Row], labels: Labels) -> list[list[int]]:
    """Counts (K, K): what the label says in rows, the most likely finding in columns; films with a label of
    just one finding, each counted once.
    """
    answered = [row for row in rows if row.prediction is not None and not row.duplicate_of]
    if not answered or answered[0].prediction is None:
        return []
    findings = answered[0].prediction.findings
    known = targets(truths(labels, (row.file for row in answered)), findings)
    pairs = [
        (findings[int(np.nanargmax(truth))], row.prediction.most_likely)
        for row, truth in zip(answered, known, strict=True)
        if np.nansum(truth) == 1 and row.prediction
    ]
    return confusion_matrix(*zip(*pairs, strict=True), labels=findings).tolist() if pairs else []


def _happened(answered: Sequence[Row], known: Sequence[Truth | None], finding: str) -> Values:
    """1, 0, or NaN where a film is not labeled (n): what labels say depends on all the model's findings."""
    if not answered or answered[0].prediction is None:
        return np.zeros(0)
    findings = answered[0].prediction.findings
    return targets(known, findings)[:, findings.index(finding)].astype(np.float64)
