"""All figures of a model on a set of films, for the evaluate command, the card and the Models page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray.errors import UnusableData
from xray.models.conformal import COVERAGE
from xray.models.registry import ModelEntry
from xray.train.bootstrap import RESAMPLES, Bootstrap, Figure, Values, estimates, resampled
from xray.train.curves import operating_curve, reliability, risk_coverage
from xray.train.metrics import auroc, binary_figures, calibration_error, mean_figure, mean_of

ENOUGH = 10  # positive films required for a finding to enter the mean over findings
ENOUGH_FILMS = 50  # films required for figures of a collection


@dataclass(frozen=True, eq=False)
class LabeledPredictions:
    """Predictions of a model for n films with their labels.

    Attributes:
        logits: (n, K).
        probabilities: (n, K).
        targets: Labels (n, K), 0 or 1, NaN where unknown.
        patients: Patient of each film.
        sources: Collection of each film.
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    targets: NDArray[np.float32]
    patients: list[str]
    sources: list[str]

    def of_source(self, source: str) -> LabeledPredictions:
        """Return the predictions for the films of one collection."""
        rows = [row for row, name in enumerate(self.sources) if name == source]
        return LabeledPredictions(
            self.logits[rows],
            self.probabilities[rows],
            self.targets[rows],
            [self.patients[row] for row in rows],
            [source] * len(rows),
        )


def figures_of(entry: ModelEntry, split: str, predictions: LabeledPredictions) -> dict[str, Any]:
    """Compute all figures of a model on labeled films.

    Args:
        entry: Registry entry of the model.
        split: Name of the split.
        predictions: Predictions and labels of the films.

    Returns:
        A dict for JSON with `model`, `split`, `n`, `metrics` (each with `value`, `low`, `high`), `findings`
        (metrics and curves by finding) and more. With two findings, `metrics` describes the second one,
        otherwise all findings.

    Raises:
        UnusableData: If all films have the same label.
    """
    bootstrap = resampled(predictions.patients)
    findings = {
        finding: _of_finding(entry, index, predictions, bootstrap)
        for index, finding in enumerate(entry.findings)
        if 0 < np.nansum(predictions.targets[:, index]) < np.sum(~np.isnan(predictions.targets[:, index]))
    }
    if len(entry.findings) == 2:
        findings.pop(entry.findings[0], None)
    if not findings:
        raise UnusableData(
            f"All films have the same label (n = {len(predictions.targets)}).",
            hint="Add films with the finding and films without it.",
        )
    figures = {
        "model": entry.id,
        "weights_sha256": entry.sha256,
        "split": split,
        "n": len(predictions.targets),
        "patients": len(set(predictions.patients)),
        "interval": f"95%, bootstrap over patients, {RESAMPLES} resamples",
        "metrics": estimates(_headline(entry, predictions), bootstrap),
        "findings": findings,
        "conformal": _conformal(entry, predictions, bootstrap),
        "risk_coverage": risk_coverage(*_confidence(entry, predictions)),
    }
    if entry.activation == "softmax":
        figures["confusion"] = confusion(predictions.probabilities, predictions.targets).tolist()
    sources = sorted(set(predictions.sources))
    if len(sources) > 1:
        figures["sources"] = {
            source: _of_source(entry, predictions, source)
            for source in sources
            if predictions.sources.count(source) >= ENOUGH_FILMS
        }
    return figures


def _of_finding(
    entry: ModelEntry, index: int, predictions: LabeledPredictions, bootstrap: Bootstrap
) -> dict[str, Any]:
    known = ~np.isnan(predictions.targets[:, index])
    probabilities, labels = (
        predictions.probabilities[known, index].astype(np.float64),
        predictions.targets[known, index],
    )
    among = bootstrap.among(known)
    return {
        "n": int(known.sum()),
        "positives": int(labels.sum()),
        "threshold": entry.thresholds[index],
        "metrics": estimates(binary_figures(probabilities, labels, entry.thresholds[index]), among),
        "curve": operating_curve(probabilities, labels, among),
        "reliability": reliability(probabilities, labels, among),
    }


def _headline(entry: ModelEntry, predictions: LabeledPredictions) -> dict[str, Figure]:
    probabilities, true = predictions.probabilities.astype(np.float64), predictions.targets
    if len(entry.findings) <= 2:
        return binary_figures(probabilities[:, -1], true[:, -1], entry.thresholds[-1])
    known = ~np.isnan(true)
    each = list(_aurocs(entry, predictions).values())
    macro = {"macro_auroc": mean_figure(each)} if each else {}
    if entry.activation == "sigmoid":
        errors = [
            _among(calibration_error(probabilities[mask, index], true[mask, index]), mask)
            for index, mask in enumerate(known.T)
            if mask.any()
        ]
        return macro | {"macro_ece": mean_figure(errors)}
    best, truth = probabilities.argmax(1), true.argmax(1)
    right = (best == truth).astype(np.float64)
    recalls = [mean_of(right, truth == index) for index in np.unique(truth)]
    return {
        "balanced_accuracy": mean_figure(recalls),
        "accuracy": mean_of(right),
        **macro,
        "ece": calibration_error(probabilities.max(1), right),
    }


def _aurocs(entry: ModelEntry, predictions: LabeledPredictions) -> dict[str, Figure]:
    """AUROC of each finding with enough films of both labels."""
    probabilities, true = predictions.probabilities.astype(np.float64), predictions.targets
    return {
        finding: auroc(np.where(np.isnan(labels), 0, scores), np.where(np.isnan(labels), 2, labels))
        for finding, scores, labels in zip(entry.findings, probabilities.T, true.T, strict=True)
        if min((labels == 1).sum(), (labels == 0).sum()) >= ENOUGH
    }


def _among(figure: Figure, films: NDArray[np.bool_]) -> Figure:
    """Restrict a figure to a subset of the films."""
    return lambda weights: figure(weights[:, films])


def _of_source(entry: ModelEntry, predictions: LabeledPredictions, source: str) -> dict[str, Any]:
    """Headline figures for one collection, with the findings that have enough films of both labels."""
    part = predictions.of_source(source)
    bootstrap, aurocs = resampled(part.patients), _aurocs(entry, part)
    return {
        "n": len(part.targets),
        "findings": list(aurocs),
        "auroc": estimates(aurocs, bootstrap),
        "metrics": estimates(_headline(entry, part), bootstrap),
    }


def confusion(probabilities: Values, targets: Values) -> NDArray[np.int64]:
    """Return the confusion matrix (K, K): rows are true findings, columns predicted ones."""
    findings = probabilities.shape[1]
    pairs = targets.argmax(1) * findings + probabilities.argmax(1)
    return np.bincount(pairs, minlength=findings**2).reshape(findings, findings)


def _confidence(entry: ModelEntry, predictions: LabeledPredictions) -> tuple[Values, Values]:
    """Confidence and error of each prediction, per film, or per film and finding for sigmoid."""
    probabilities, true = predictions.probabilities.astype(np.float64), predictions.targets
    if entry.activation == "softmax":
        return probabilities.max(1), (probabilities.argmax(1) != true.argmax(1)).astype(np.float64)
    known = ~np.isnan(true)
    sides = (probabilities >= 0.5) != (true == 1)
    return np.maximum(probabilities, 1 - probabilities)[known], sides[known].astype(np.float64)


def _conformal(
    entry: ModelEntry, predictions: LabeledPredictions, bootstrap: Bootstrap
) -> dict[str, Any] | None:
    """Coverage per class, and the share of undecided films (for sigmoid: of films x findings)."""
    if not entry.present:
        return None
    probabilities, true = predictions.probabilities, predictions.targets
    included = probabilities >= np.array(entry.present, dtype=np.float32)  # (n, K)
    if entry.activation == "softmax":
        figures = {
            finding: mean_of(included[:, index].astype(np.float64), true[:, index] == 1)
            for index, finding in enumerate(entry.findings)
            if (true[:, index] == 1).any()
        }
        undecided = included.sum(1) != 1
    else:
        absent = 1 - probabilities >= np.array(entry.absent, dtype=np.float32)
        figures = {}
        for index, finding in enumerate(entry.findings):
            for label, inside, value in (("present", included, 1), ("absent", absent, 0)):
                if (true[:, index] == value).any():
                    figures[f"{finding}: {label}"] = mean_of(
                        inside[:, index].astype(np.float64), true[:, index] == value
                    )
        undecided = included == absent
    return {
        "target": COVERAGE,
        "coverage": estimates(figures, bootstrap),
        "cannot_tell": round(float(undecided.mean()), 4),
    }
