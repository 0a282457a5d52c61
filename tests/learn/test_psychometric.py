"""The fit against statsmodels' logistic regression, planted observers, and its gradient by differences."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import check_grad

from benchmarks.thresholds import OBSERVERS, session
from xray.learn.psychometric import Answers, Psychometric, _loss, fit

LIMITS = (0.0125, 1.6)


@pytest.mark.parametrize("seed", range(4))
def test_without_guesses_and_lapses_the_fit_is_a_logistic_regression(seed):
    rng = np.random.default_rng(seed)
    octaves = rng.uniform(-6, 0.6, 300)
    detected = rng.random(300) < 1 / (1 + np.exp(-(octaves + 2.3) / 0.7))
    answers = Answers(tuple(2**octaves), tuple(detected.tolist()), ())
    found = fit(answers, LIMITS, max_guess=0, max_lapse=0, resamples=0).curve
    truth = sm.Logit(detected, sm.add_constant(octaves)).fit(disp=False).params
    assert np.log2(found.threshold) == pytest.approx(-truth[0] / truth[1], abs=2e-3)
    assert found.spread == pytest.approx(1 / truth[1], rel=2e-3)
    assert (found.guess, found.lapse) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("observer", OBSERVERS)
def test_a_planted_observer_is_recovered_within_its_interval(observer):
    found = [fit(session(observer, 48, seed), LIMITS, resamples=60, seed=seed) for seed in range(20)]
    inside = [one.threshold.low <= observer.threshold <= one.threshold.high for one in found]
    assert sum(inside) >= 16, "about nine of ten, see benchmarks.thresholds"
    middle = np.median([np.log2(one.threshold.value) for one in found])
    assert middle == pytest.approx(np.log2(observer.threshold), abs=0.4)
    assert all(one.is_reached for one in found)
    widths = [np.log2(one.threshold.high / one.threshold.low) for one in found]
    assert np.median(widths) < 2


def test_many_answers_give_all_four_parameters():
    observer = Psychometric(0.2, 0.5, 0.15, 0.04)
    rng, octaves = np.random.default_rng(0), np.linspace(-6.3, 0.6, 24).repeat(400)
    detected = rng.random(len(octaves)) < observer.probability(2**octaves)
    alarms = rng.random(2000) < observer.guess
    answers = Answers(tuple(2**octaves), tuple(detected.tolist()), tuple(alarms.tolist()))
    found = fit(answers, LIMITS, resamples=0).curve
    assert np.log2(found.threshold) == pytest.approx(np.log2(0.2), abs=0.05)
    assert found.spread == pytest.approx(0.5, rel=0.08)
    assert found.guess == pytest.approx(0.15, abs=0.015)
    assert found.lapse == pytest.approx(0.04, abs=0.015)


def test_a_lesion_that_is_never_seen_has_no_threshold_in_the_range():
    contrasts = (0.8, 1.6) + (1.6,) * 20
    found = fit(Answers(contrasts, (False,) * 22, (False,) * 7), LIMITS, resamples=20)
    assert not found.is_reached
    assert found.curve.threshold > 1.6


def test_the_gradient_is_that_of_differences():
    answers = session(OBSERVERS[2], 64, 3)
    levels, which = np.unique(np.log2(answers.contrasts), return_inverse=True)
    trials, hits = np.bincount(which), np.bincount(which, answers.detected)
    given = (levels, trials.astype(float), hits, len(answers.false_alarms), sum(answers.false_alarms))
    for point in ([-1.0, -0.7, 0.2, 0.03], [-3.0, 0.4, 0.05, 0.01]):
        error = check_grad(lambda at: _loss(at, *given)[0], lambda at: _loss(at, *given)[1], np.array(point))
        assert error < 1e-3
