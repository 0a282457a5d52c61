"""Are predictions numbers, reproducible, different for different films, and not overconfident?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xray.audit.predictions import Predictions, Values
from xray.audit.registry import Judgment, passed_if, register

EQUAL = 1e-4
RANGE = 0.05
ONE_SIDED = 0.95
LABELS_ONE_SIDED = 0.8
SURE = 0.98
ALWAYS = 0.95


@register(
    "numbers",
    title="Is every answer a number?",
    meaning="Share of films with a logit that is NaN or infinite; fails above.",
    threshold=0.0,
    needs=0,
)
def numbers(predictions: Predictions) -> Judgment:
    """Measure the share of films with a logit that is NaN or infinite; only 0 passes."""
    lost = len(predictions.films) - len(predictions.valid)
    why = f"{lost} of {len(predictions.films)} films have logits that are not numbers."
    return Judgment(lost / len(predictions.films), passed_if(not lost), why)


@register(
    "determinism",
    title="Does the same film get the same answer twice?",
    meaning="Largest difference of a logit between two passes of the same film; fails above.",
    threshold=EQUAL,
    needs=1,
)
def determinism(predictions: Predictions) -> Judgment:
    """Measure the largest difference of a logit between two passes of the same film; at most EQUAL passes.

    Float32 sums in another order differ by less; active dropout or a random crop differ by far more.
    """
    again = np.array([film.repeated for film in predictions.valid])
    largest = float(np.nan_to_num(np.abs(again - predictions.logits), nan=np.inf).max())
    why = f"Two passes of the same film differ by {largest:.2g} in a logit at most."
    return Judgment(largest if np.isfinite(largest) else None, passed_if(largest <= EQUAL), why)


@register(
    "constant-output",
    title="Does the model answer different films differently?",
    meaning="Span of the calibrated logits over different films, where it is widest; fails below.",
    threshold=RANGE,
    needs=1,
)
def constant_output(predictions: Predictions) -> Judgment:
    """Fail if the predictions hardly differ between films.

    A difference of RANGE, 0.05 in log-odds, changes a probability by at most 1.25 percentage points. Fewer
    than 4 films can be similar; then blank and noise images must have the same prediction as well.
    """
    films = predictions.logits
    spread = _range(predictions, films)
    with_controls = _range(predictions, np.concatenate([films, predictions.control_logits]))
    alike = "the same" if with_controls < RANGE else "differently"
    why = (
        f"Over {len(films)} different films the calibrated logits span {spread:.3g}; "
        f"blank and noise pictures are predicted {alike}."
    )
    if spread >= RANGE or with_controls < RANGE or len(films) >= 4:
        return Judgment(spread, passed_if(spread >= RANGE), why)
    return Judgment(spread, "cannot be judged", why)


def _range(predictions: Predictions, logits: Values) -> float:
    """Largest range of calibrated logits (n, K) over films, without an offset common to all findings."""
    scaled = logits * np.array(predictions.entry.scaling[0])
    if predictions.entry.activation == "softmax":
        scaled = scaled - scaled.mean(1, keepdims=True)
    return float(np.ptp(scaled, axis=0).max())


@register(
    "one-answer",
    title="Does the model tell films apart, and not find the same in all of them?",
    meaning="Share of films with the most frequent prediction, for the most one-sided finding; fails above.",
    threshold=ONE_SIDED,
    needs=8,
)
def one_answer(predictions: Predictions) -> Judgment:
    """Fail if nearly all films get the same prediction.

    The prediction is the most likely finding under softmax, else the side of each operating point. If at most
    80% of the films have the same label (LABELS_ONE_SIDED), 95% equal predictions (ONE_SIDED) miss three
    quarters of the other films. Without such labels the films themselves may be one-sided; the check then
    fails only if all controls get the same prediction as well, and if the smallest margin to the operating
    point exceeds the range of all margins.
    """
    entry, truth, mixed = predictions.entry, predictions.truth, _mixed(predictions)
    margins = _margins(predictions, predictions.probabilities)  # (n, K)
    everything = np.concatenate([margins, _margins(predictions, predictions.control_probabilities)])
    stuck = everything.min(0) > np.ptp(everything, axis=0)  # (K)
    present = (margins >= 0).mean(0)
    shares = present if entry.activation == "softmax" else np.maximum(present, 1 - present)
    worst = int((np.where(mixed, shares, -1) if mixed.any() else shares + stuck).argmax())
    share, n = float(shares[worst]), len(margins)
    why = f"{entry.findings[worst]} is {_side(predictions, present[worst])} in {share:.0%} of {n} films"
    if mixed.any() and truth is not None:
        why += f", and present in {truth[:, worst].mean():.0%}."
        return Judgment(share, passed_if(share <= ONE_SIDED), why)
    if share <= ONE_SIDED:
        return Judgment(share, "passed", f"{why}.")
    if stuck[worst]:
        return Judgment(share, "failed", f"{why}, and in every blank or noise picture.")
    return Judgment(share, "cannot be judged", f"{why}; there are no labels to compare with.")


def _mixed(predictions: Predictions) -> NDArray[np.bool_]:
    """Which findings (K) are neither present nor absent in nearly all films, by their labels."""
    truth = predictions.truth
    if truth is None or not truth.any():
        return np.zeros(len(predictions.entry.findings), bool)
    shares = truth.mean(0)
    if predictions.entry.activation == "softmax":
        return np.full(len(shares), shares.max() <= LABELS_ONE_SIDED)
    return np.maximum(shares, 1 - shares) <= LABELS_ONE_SIDED


def _side(predictions: Predictions, present: float) -> str:
    if predictions.entry.activation == "softmax":
        return "the most likely finding"
    return "at or above its operating point" if present >= 0.5 else "below its operating point"


def _margins(predictions: Predictions, probabilities: Values) -> Values:
    """Margins (n, K) in log-odds by which each finding is predicted present; negative for absent."""
    sure = probabilities.astype(float).clip(1e-6, 1 - 1e-6)
    if predictions.entry.activation == "sigmoid":
        point = np.array(predictions.entry.thresholds).clip(1e-6, 1 - 1e-6)
        return np.log(sure / (1 - sure)) - np.log(point / (1 - point))
    others = [np.delete(sure, index, axis=1).max(1) for index in range(sure.shape[1])]
    return np.log(sure) - np.log(np.stack(others, axis=1))


@register(
    "overconfident",
    title="Does the model leave room for doubt?",
    meaning="Share of films whose most likely finding is given more than 98%; fails above.",
    threshold=ALWAYS,
    needs=8,
)
def overconfident(predictions: Predictions) -> Judgment:
    """Fail if nearly all films get a probability above SURE.

    A probability above 98% (SURE) implies at most one error in fifty films. A model that states it for nearly
    all films (ALWAYS; one uncertain film is not enough to pass) considers no film difficult, which is not
    plausible for radiographs. Uncalibrated networks behave so (Guo et al. 2017, arXiv:1706.04599).
    """
    highest = predictions.probabilities.max(1)
    share = float((highest > SURE).mean())
    why = (
        f"{share:.0%} of {len(highest)} films are predicted with more than {SURE:.0%}; "
        f"the median highest probability is {np.median(highest):.1%}."
    )
    return Judgment(share, passed_if(share <= ALWAYS), why)
