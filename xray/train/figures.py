"""All figures of a model on some films, as JSON: what evaluate prints, the card tells and the page draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray.errors import UnusableData
from xray.models.conformal import COVERAGE
from xray.models.registry import ModelEntry
from xray.train.curves import operating_curve, reliability, risk_coverage
from xray.train.metrics import (
    RESAMPLES,
    Figure,
    auroc,
    binary_figures,
    calibration_error,
    estimates,
    mean_figure,
    mean_of,
    resampled,
)
from xray.train.predictions import Answers

ENOUGH = 10  # positives from which a finding counts in the mean over findings
ENOUGH_FILMS = 50  # films from which a collection is told apart

Values = NDArray[np.floating]


def figures_of(entry: ModelEntry, split: str, given: Answers) -> dict[str, Any]:
    """{"model", "split", "n", ..., "metrics": {name: {"value", "low", "high"}}, "findings": {...}, ...}.

    metrics: of the last finding where there are two, else over all findings. findings: one by one, with the
    curves. Raises UnusableData for films that are all of one finding.
    """
    weights = resampled(given.patients)
    findings = {
        finding: _of_finding(entry, index, given, weights)
        for index, finding in enumerate(entry.findings)
        if 0 < np.nansum(given.targets[:, index]) < np.sum(~np.isnan(given.targets[:, index]))
    }
    if len(entry.findings) == 2:
        findings.pop(entry.findings[0], None)
    if not findings:
        raise UnusableData(
            f"All {len(given.targets)} films have the same label.", hint="Figures need both kinds of film."
        )
    figures = {
        "model": entry.id,
        "weights_sha256": entry.sha256,
        "split": split,
        "n": len(given.targets),
        "patients": len(set(given.patients)),
        "interval": f"95%, bootstrap over patients, {RESAMPLES} resamples",
        "metrics": estimates(_headline(entry, given), weights),
        "findings": findings,
        "conformal": _conformal(entry, given, weights),
        "risk_coverage": risk_coverage(*_confidence(entry, given)),
    }
    if entry.activation == "softmax":
        figures["confusion"] = confusion(given.probabilities, given.targets).tolist()
    sources = sorted(set(given.sources))
    if len(sources) > 1:
        figures["sources"] = {
            source: _of_source(entry, given, source)
            for source in sources
            if given.sources.count(source) >= ENOUGH_FILMS
        }
    return figures


def _of_finding(entry: ModelEntry, index: int, given: Answers, weights: Values) -> dict[str, Any]:
    known = ~np.isnan(given.targets[:, index])
    said, happened = given.probabilities[known, index].astype(np.float64), given.targets[known, index]
    drawn = weights[:, known]
    return {
        "n": int(known.sum()),
        "positives": int(happened.sum()),
        "threshold": entry.thresholds[index],
        "metrics": estimates(binary_figures(said, happened, entry.thresholds[index]), drawn),
        "curve": operating_curve(said, happened, drawn),
        "reliability": reliability(said, happened, drawn),
    }


def _headline(entry: ModelEntry, given: Answers) -> dict[str, Figure]:
    said, true = given.probabilities.astype(np.float64), given.targets
    if len(entry.findings) <= 2:
        return binary_figures(said[:, -1], true[:, -1], entry.thresholds[-1])
    known = ~np.isnan(true)
    each = [
        auroc(np.where(known[:, index], said[:, index], 0), np.where(known[:, index], true[:, index], 2))
        for index in range(len(entry.findings))
        if np.nansum(true[:, index]) >= ENOUGH and (true[:, index] == 0).sum() >= ENOUGH
    ]
    macro = {"macro_auroc": mean_figure(each)} if each else {}
    if entry.activation == "sigmoid":
        errors = [
            _among(calibration_error(said[mask, index], true[mask, index]), mask)
            for index, mask in enumerate(known.T)
        ]
        return macro | {"macro_ece": mean_figure(errors)}
    best, truth = said.argmax(1), true.argmax(1)
    right = (best == truth).astype(np.float64)
    recalls = [mean_of(right, truth == index) for index in np.unique(truth)]
    return {
        "balanced_accuracy": mean_figure(recalls),
        "accuracy": mean_of(right),
        **macro,
        "ece": calibration_error(said.max(1), right),
    }


def _among(figure: Figure, films: NDArray[np.bool_]) -> Figure:
    """A figure of some of the films as one of all."""
    return lambda weights: figure(weights[:, films])


def _of_source(entry: ModelEntry, given: Answers, source: str) -> dict[str, Any]:
    """The headline figures on the films of one collection, of the findings that vary there."""
    part = given.of_source(source)
    counted = [
        finding
        for finding, column in zip(entry.findings, part.targets.T, strict=True)
        if min((column == 1).sum(), (column == 0).sum()) >= ENOUGH
    ]
    metrics = estimates(_headline(entry, part), resampled(part.patients))
    return {"n": len(part.targets), "findings": counted, "metrics": metrics}


def confusion(probabilities: Values, targets: Values) -> NDArray[np.int64]:
    """Counts (K, K): rows true, columns most likely."""
    findings = probabilities.shape[1]
    pairs = targets.argmax(1) * findings + probabilities.argmax(1)
    return np.bincount(pairs, minlength=findings**2).reshape(findings, findings)


def _confidence(entry: ModelEntry, given: Answers) -> tuple[Values, Values]:
    """How sure each answer was and whether it was wrong, over films, under sigmoid over films x findings."""
    said, true = given.probabilities.astype(np.float64), given.targets
    if entry.activation == "softmax":
        return said.max(1), (said.argmax(1) != true.argmax(1)).astype(np.float64)
    known = ~np.isnan(true)
    sides = (said >= 0.5) != (true == 1)
    return np.maximum(said, 1 - said)[known], sides[known].astype(np.float64)


def _conformal(entry: ModelEntry, given: Answers, weights: Values) -> dict[str, Any] | None:
    """Coverage per class, and the share of films (under sigmoid: films x findings) that cannot be told."""
    if not entry.present:
        return None
    said, true = given.probabilities, given.targets
    included = said >= np.array(entry.present, dtype=np.float32)  # (n, K)
    if entry.activation == "softmax":
        figures = {
            finding: mean_of(included[:, index].astype(np.float64), true[:, index] == 1)
            for index, finding in enumerate(entry.findings)
            if (true[:, index] == 1).any()
        }
        untold = included.sum(1) != 1
    else:
        absent = 1 - said >= np.array(entry.absent, dtype=np.float32)
        figures = {}
        for index, finding in enumerate(entry.findings):
            for word, inside, value in (("present", included, 1), ("absent", absent, 0)):
                if (true[:, index] == value).any():
                    figures[f"{finding}: {word}"] = mean_of(
                        inside[:, index].astype(np.float64), true[:, index] == value
                    )
        untold = included == absent
    return {
        "target": COVERAGE,
        "coverage": estimates(figures, weights),
        "cannot_tell": round(float(untold.mean()), 4),
    }
