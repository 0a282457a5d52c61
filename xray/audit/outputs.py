"""Do predictions depend on the film, or are they constant or always the same finding?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xray.audit.registry import Judgment, passed_if, register
from xray.audit.responses import Answers, Values

RANGE = 0.05
ONE_SIDED = 0.95
LABELS_ONE_SIDED = 0.8


@register(
    "numbers",
    title="Is every answer a number?",
    meaning="Share of films with a logit that is NaN or infinite; fails above.",
    threshold=0.0,
    needs=0,
)
def numbers(answers: Answers) -> Judgment:
    """Judge the share of films with a logit that is NaN or infinite; none is accepted."""
    lost = len(answers.films) - len(answers.answered)
    why = f"{lost} of {len(answers.films)} films are answered with logits that are no numbers."
    return Judgment(lost / len(answers.films), passed_if(not lost), why)


@register(
    "constant-output",
    title="Does the model answer different films differently?",
    meaning="Span of the calibrated logits over different films, where it is widest; fails below.",
    threshold=RANGE,
    needs=1,
)
def constant_output(answers: Answers) -> Judgment:
    """Fail if the predictions hardly differ between films.

    A difference of RANGE, 0.05 in log-odds, changes a probability by at most 1.25 percentage points. Fewer
    than 4 films can be similar; then blank and noise images must have the same prediction as well.
    """
    films = answers.logits
    spread = _range(answers, films)
    with_controls = _range(answers, np.concatenate([films, answers.control_logits]))
    alike = "the same" if with_controls < RANGE else "differently"
    why = (
        f"Over {len(films)} different films the calibrated logits span {spread:.3g}; "
        f"blank and noise pictures are answered {alike}."
    )
    if spread >= RANGE or with_controls < RANGE or len(films) >= 4:
        return Judgment(spread, passed_if(spread >= RANGE), why)
    return Judgment(spread, "cannot be judged", why)


def _range(answers: Answers, logits: Values) -> float:
    """Of calibrated logits (n, K), without what softmax ignores: an offset that all findings share."""
    scaled = logits * np.array(answers.entry.scaling[0])
    if answers.entry.activation == "softmax":
        scaled = scaled - scaled.mean(1, keepdims=True)
    return float(np.ptp(scaled, axis=0).max())


@register(
    "one-answer",
    title="Does the model tell films apart, and not find the same in all of them?",
    meaning="Share of films given the commonest answer, of the most one-sided finding; fails above.",
    threshold=ONE_SIDED,
    needs=8,
)
def one_answer(answers: Answers) -> Judgment:
    """The answer is the most likely finding under softmax, else the side of each operating point.

    Where no more than 80% of the films are labeled the same (LABELS_ONE_SIDED), 95% of the answers on one
    side (ONE_SIDED) miss three quarters of the other films. Without such labels the folder itself may be
    one-sided; the model is then blamed only if it finds the same in all controls, and if even the answer
    nearest to turning is further from it than all answers are from each other.
    """
    entry, truth, told = answers.entry, answers.truth, _told(answers)
    margins = _margins(answers, answers.probabilities)  # (n, K)
    everything = np.concatenate([margins, _margins(answers, answers.control_probabilities)])
    stuck = everything.min(0) > np.ptp(everything, axis=0)  # (K)
    present = (margins >= 0).mean(0)
    shares = present if entry.activation == "softmax" else np.maximum(present, 1 - present)
    worst = int((np.where(told, shares, -1) if told.any() else shares + stuck).argmax())
    share, n = float(shares[worst]), len(margins)
    why = f"{entry.findings[worst]} is {_said(answers, present[worst])} in {share:.0%} of {n} films"
    if told.any() and truth is not None:
        why += f", and truly there in {truth[:, worst].mean():.0%}."
        return Judgment(share, passed_if(share <= ONE_SIDED), why)
    if share <= ONE_SIDED:
        return Judgment(share, "passed", f"{why}.")
    if stuck[worst]:
        return Judgment(share, "failed", f"{why}, and in every blank or noise picture.")
    return Judgment(share, "cannot be judged", f"{why}; no labels say whether that is so.")


def _told(answers: Answers) -> NDArray[np.bool_]:
    """The findings (K) of which the labels say that they are neither in all films nor in none."""
    truth = answers.truth
    if truth is None or not truth.any():
        return np.zeros(len(answers.entry.findings), bool)
    shares = truth.mean(0)
    if answers.entry.activation == "softmax":
        return np.full(len(shares), shares.max() <= LABELS_ONE_SIDED)
    return np.maximum(shares, 1 - shares) <= LABELS_ONE_SIDED


def _said(answers: Answers, present: float) -> str:
    if answers.entry.activation == "softmax":
        return "the most likely finding"
    return "at or above its operating point" if present >= 0.5 else "below its operating point"


def _margins(answers: Answers, probabilities: Values) -> Values:
    """By how much (n, K) in log-odds each finding is answered with yes; negative for no."""
    sure = probabilities.astype(float).clip(1e-6, 1 - 1e-6)
    if answers.entry.activation == "sigmoid":
        point = np.array(answers.entry.thresholds).clip(1e-6, 1 - 1e-6)
        return np.log(sure / (1 - sure)) - np.log(point / (1 - point))
    others = [np.delete(sure, index, axis=1).max(1) for index in range(sure.shape[1])]
    return np.log(sure) - np.log(np.stack(others, axis=1))
