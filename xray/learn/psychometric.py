"""The psychometric function: how often a lesion is detected as a function of its contrast.

The probability of the answer "lesion" is g + (1 - g - l) F(x). F is the logistic function of (x - m) / s,
with the contrast x in octaves, threshold m and spread s. g is the guess rate, the share of false alarms on
catch films; l is the lapse rate, the share of misses at any contrast. All four are fitted by maximum
likelihood, with a lapse rate of at most 6%; intervals come from the parametric bootstrap (Wichmann & Hill
2001, doi:10.3758/BF03194544 and doi:10.3758/BF03194545).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, xlogy

from xray.train.bootstrap import Estimate

Values = NDArray[np.float64]
MAX_GUESS, MAX_LAPSE = 0.9, 0.06
SPREAD = (0.25, 3.0)  # range of s in octaves; less than half a step of a staircase cannot be measured
BEYOND = 2.0  # octaves by which a threshold may exceed the contrasts that were shown
RESAMPLES = 400
EDGE = 1e-9


@dataclass(frozen=True)
class Answers:
    """Yes-no answers to films with and without a lesion.

    Attributes:
        contrasts: Contrast of each film with a lesion (n).
        detected: Whether each of these lesions was reported (n).
        false_alarms: Whether a lesion was reported on each catch film.
    """

    contrasts: tuple[float, ...]
    detected: tuple[bool, ...]
    false_alarms: tuple[bool, ...]


@dataclass(frozen=True)
class Psychometric:
    """A psychometric function.

    Attributes:
        threshold: Contrast at which half of the lesions are detected, corrected for guesses and lapses.
        spread: s of the logistic function in octaves.
        guess: Guess rate.
        lapse: Lapse rate.
    """

    threshold: float
    spread: float
    guess: float
    lapse: float

    def probability(self, contrasts: Values) -> Values:
        """Probability of the answer "lesion" at contrasts (n)."""
        detected = expit((np.log2(contrasts) - np.log2(self.threshold)) / self.spread)
        return np.asarray(self.guess + (1 - self.guess - self.lapse) * detected)


@dataclass(frozen=True)
class Fit:
    """A fitted function with the 95% interval of its threshold.

    Attributes:
        curve: The function.
        threshold: Its threshold with interval.
        is_reached: Whether the threshold lies within the contrasts that could be shown.
    """

    curve: Psychometric
    threshold: Estimate
    is_reached: bool


def fit(
    answers: Answers,
    limits: tuple[float, float],
    *,
    max_guess: float = MAX_GUESS,
    max_lapse: float = MAX_LAPSE,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Fit:
    """Fit the psychometric function of an observer.

    Args:
        answers: At least one film with a lesion.
        limits: Lowest and highest contrast that could be shown.
        max_guess: Highest guess rate; 0 for none.
        max_lapse: Highest lapse rate; with 0 for both, this is a logistic regression.
        seed: Seed of the bootstrap.
        resamples: Number of resamples.
    """
    levels, trials, hits = counted(answers)
    catches, alarms = len(answers.false_alarms), sum(answers.false_alarms)
    bounds = (
        (np.log2(limits[0]) - BEYOND, np.log2(limits[1]) + BEYOND),
        tuple(np.log(SPREAD)),
        (0.0, max_guess),
        (0.0, max_lapse),
    )

    def fitted(hits: Values, alarms: int, starts: Sequence[Values]) -> Values:
        found = [
            minimize(
                _loss,
                start,
                args=(levels, trials, hits, catches, alarms),
                jac=True,
                method="SLSQP",
                bounds=bounds,
            )
            for start in starts
        ]
        return np.asarray(min(found, key=lambda result: float(result.fun)).x)

    guess = min(alarms / catches if catches else 0.0, max_guess)
    middle = float(np.median(levels))
    starts = [
        np.array([place, np.log(spread), guess, min(0.01, max_lapse)])
        for place in (levels.min(), middle, levels.max())
        for spread in (0.2, 1.0)
    ]
    best = fitted(hits, alarms, starts)
    curve = _curve(best)
    rng, drawn = np.random.default_rng([seed, 6]), []
    chance = curve.probability(2.0**levels).clip(0, 1)
    for _ in range(resamples):
        hits_again = rng.binomial(trials.astype(int), chance).astype(float)
        alarms_again = int(rng.binomial(catches, curve.guess)) if catches else 0
        drawn.append(fitted(hits_again, alarms_again, [best])[0])
    low, high = np.percentile(drawn, (2.5, 97.5)) if drawn else (best[0], best[0])
    estimate = Estimate(curve.threshold, float(2**low), float(2**high))
    return Fit(curve, estimate, bool(limits[0] <= curve.threshold <= limits[1]))


def counted(answers: Answers) -> tuple[Values, Values, Values]:
    """Distinct contrasts in octaves, ascending, with the numbers of films and of detections of each."""
    octaves = np.log2(np.array(answers.contrasts, float)).round(6)
    levels, which = np.unique(octaves, return_inverse=True)
    detected = np.array(answers.detected, float)
    trials = np.bincount(which, minlength=len(levels)).astype(float)
    return np.asarray(levels, float), trials, np.bincount(which, detected, len(levels)).astype(float)


def _curve(parameters: Values) -> Psychometric:
    place, log_spread, guess, lapse = (float(value) for value in parameters)
    return Psychometric(2**place, float(np.exp(log_spread)), guess, lapse)


def _loss(
    parameters: Values, levels: Values, trials: Values, hits: Values, catches: int, alarms: int
) -> tuple[float, Values]:
    """Negative log likelihood and its gradient by m, log s, g and l."""
    place, log_spread, guess, lapse = parameters
    spread = np.exp(log_spread)
    x = (levels - place) / spread
    curve = expit(x)
    chance = (guess + (1 - guess - lapse) * curve).clip(EDGE, 1 - EDGE)
    loss = -float((xlogy(hits, chance) + xlogy(trials - hits, 1 - chance)).sum())
    by_chance = -(hits / chance - (trials - hits) / (1 - chance))
    by_x = by_chance * (1 - guess - lapse) * curve * (1 - curve)
    gradient = np.array(
        [
            (by_x * -1 / spread).sum(),
            (by_x * -x).sum(),
            (by_chance * (1 - curve)).sum(),
            (by_chance * -curve).sum(),
        ]
    )
    false = min(max(guess, EDGE), 1 - EDGE)
    if catches:
        loss -= float(xlogy(alarms, false) + xlogy(catches - alarms, 1 - false))
        gradient[2] -= alarms / false - (catches - alarms) / (1 - false)
    return loss, gradient
