"""Predictions of a cohort compared with labels: ROC curve, AUROC and confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, roc_curve

from xray.cohort.labels import Labels, truths
from xray.cohort.row import Row
from xray.cohort.slices import enough_patients
from xray.errors import UnusableData
from xray.io.label_lists import FilmLabels
from xray.train.bootstrap import Estimate, estimates, resampled
from xray.train.metrics import auroc
from xray.train.targets import targets

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """One finding on the n films that have both a prediction and a label.

    Attributes:
        probabilities: Predicted probabilities (n).
        targets: Labels (n), 0 or 1.
        false_positive_rate: False positive rate (m) at every threshold.
        true_positive_rate: True positive rate (m) at every threshold.
        thresholds: Thresholds (m) of the ROC curve, descending.
        auroc: Area under the ROC curve with its 95% interval over patients.
        has_interval: Whether there are enough patients for that interval (see slices.enough_patients).
    """

    probabilities: Values
    targets: Values
    false_positive_rate: Values
    true_positive_rate: Values
    thresholds: Values
    auroc: Estimate
    has_interval: bool

    def confusion(self, threshold: float) -> list[list[int]]:
        """Count films at a threshold.

        Returns:
            Counts (2, 2); rows: with and without the finding; columns: predicted positive and negative.
        """
        positive = self.probabilities >= threshold
        return confusion_matrix(self.targets == 1, positive, labels=[True, False]).tolist()


def compare(rows: Sequence[Row], labels: Labels, finding: str) -> Comparison:
    """Compare the predictions for a finding with its labels. Duplicate films count once.

    Args:
        rows: Rows of the cohort; rows without a prediction are ignored.
        labels: Labels by file name.
        finding: Finding as the model spells it.

    Raises:
        UnusableData: If the labeled films do not include both positive and negative ones.
    """
    answered = [row for row in rows if row.prediction is not None and not row.duplicate_of]
    known = truths(labels, (row.file for row in answered))
    labeled = _targets(answered, known, finding)
    is_labeled = ~np.isnan(labeled)
    probabilities = np.array([row.probability(finding) for row in answered])[is_labeled]
    labeled = labeled[is_labeled]
    if not 0 < labeled.sum() < len(labeled):
        raise UnusableData(
            f"{int(labeled.sum())} of {len(labeled)} labeled films show {finding}.",
            hint="A ROC curve needs films with and without the finding.",
        )
    patients = [truth.patient for truth, used in zip(known, is_labeled, strict=True) if used and truth]
    false_positive_rate, true_positive_rate, thresholds = roc_curve(
        labeled, probabilities, drop_intermediate=False
    )
    figure = estimates({"auroc": auroc(probabilities, labeled)}, resampled(patients))["auroc"]
    return Comparison(
        probabilities,
        labeled,
        false_positive_rate,
        true_positive_rate,
        thresholds,
        Estimate(**figure),
        enough_patients(patients, labeled),
    )


def answers(rows: Sequence[Row], labels: Labels) -> list[list[int]]:
    """Count the most likely findings against the labels, over films that are labeled with one finding only.

    Returns:
        Counts (K, K); rows: label, columns: most likely finding. Empty without such films.
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


def _targets(answered: Sequence[Row], known: Sequence[FilmLabels | None], finding: str) -> Values:
    """Labels (n) of one finding: 1, 0, or NaN if unknown, which depends on all of the model's findings."""
    if not answered or answered[0].prediction is None:
        return np.zeros(0)
    findings = answered[0].prediction.findings
    return targets(known, findings)[:, findings.index(finding)].astype(np.float64)
