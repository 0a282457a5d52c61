"""Triage groups counted by hand, and the tests of the sets against MAPIE and exact probabilities."""

from math import comb

import numpy as np
import pytest
from mapie.exchangeability_testing.permutations import PValuePermutationTest
from mapie.metrics.classification import classification_coverage_score
from mapie.regression import SplitConformalRegressor
from sklearn.dummy import DummyRegressor
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tests.cohort.planted import FINDING, cohort
from xray.cohort.triage import GROUPS, set_tests, triage


def test_triage_splits_cannot_tell_and_counts_by_hand():
    # a set keeps present from 0.3 and absent up to 0.7; the operating point is 0.5
    scores = [0.1, 0.2, 0.35, 0.45, 0.55, 0.65, 0.8, 0.9]
    sick = [0, 0, 0, 1, 0, 1, 1, 1]
    results, _ = cohort(scores, sick, ["x"] * 8)
    found = {group.name: group for group in triage(results, FINDING)}
    assert [found[name].rows for name in GROUPS] == [(6, 7), (4, 5), (2, 3), (), (0, 1)]
    assert [found[name].present and found[name].present.value for name in GROUPS] == [1, 0.5, 0.5, None, 0]
    low, high = proportion_confint(1, 2, method="wilson")
    assert (found[GROUPS[1]].present.low, found[GROUPS[1]].present.high) == pytest.approx((low, high))
    results, _ = cohort([0.5], [1], ["x"], present=0.6, absent=0.6)
    assert [len(group.rows) for group in triage(results, FINDING)] == [0, 0, 0, 1, 0]


def test_coverage_is_that_of_mapie_and_its_p_the_binomial_tail():
    generator = np.random.default_rng(1)
    sick = generator.random(200) < 0.5
    scores = np.clip(generator.normal(0.35 + 0.3 * sick, 0.2), 0, 1)
    results, _ = cohort(scores, sick, ["x"] * 200)
    with_finding, without = set_tests(results, FINDING)
    kept = np.stack(
        [1 - np.float32(scores) >= np.float32(0.3), np.float32(scores) >= np.float32(0.3)], axis=1
    )
    p = []
    for test, label in ((with_finding, 1), (without, 0)):
        among = sick == label
        coverage = classification_coverage_score(sick[among].astype(int), kept[among])[0]
        assert (test.n, test.share) == (among.sum(), pytest.approx(coverage))
        count, n = int(kept[among, label].sum()), int(among.sum())
        p.append(sum(comb(n, k) * 0.9**k * 0.1 ** (n - k) for k in range(count + 1)))
    assert [with_finding.p, without.p] == pytest.approx(multipletests(p, method="holm")[1])


def p_of_excess(excess, n):
    """Probability of a largest excess of n uniform values, by Birnbaum and Tingey 1951."""
    return excess * sum(
        comb(n, k) * (excess + k / n) ** (k - 1) * (1 - excess - k / n) ** (n - k)
        for k in range(int(n * (1 - excess)) + 1)
    )


def exchangeable_by_mapie(familiarity):
    """Whether MAPIE's permutation test finds the films exchangeable with as many held-out films."""
    held_out = np.linspace(0, 1, len(familiarity))
    shuffled = np.random.default_rng(0).permutation(held_out)
    scores = np.concatenate([shuffled, familiarity])  # the residuals of a regressor that predicts 0
    zero = DummyRegressor(strategy="constant", constant=0).fit([[0]], [0])
    regressor = SplitConformalRegressor(zero, prefit=True)
    options = {"task": "regression", "random_state": 0, "num_permutations": 199, "warn": False}
    return PValuePermutationTest(0.05, regressor, **options).run(scores[:, None], scores).is_exchangeable


@pytest.mark.parametrize(("power", "failed"), [(1, False), (3, True)])
def test_films_that_are_less_familiar_than_held_out_films_are_noticed_as_by_mapie(power, failed):
    shares = np.random.default_rng(2).random(120) ** power
    results, _ = cohort([0.9] * 120, [1] * 120, ["x"] * 120, familiarity=shares)
    *_, familiar = set_tests(results, FINDING)
    assert familiar.share == pytest.approx(np.mean(np.float32(shares) <= familiar.expected + 1e-6))
    excess = max((rank + 1) / 120 - value for rank, value in enumerate(sorted(shares)))
    assert familiar.share - familiar.expected == pytest.approx(excess, abs=1e-6)
    assert familiar.p == pytest.approx(min(1, 2 * p_of_excess(excess, 120)), rel=1e-4)  # of two tests
    assert familiar.bounds is None
    assert f"as the least familiar {familiar.expected:.0%} of the held-out films" in str(familiar)
    assert familiar.failed == failed
    assert exchangeable_by_mapie(shares) != failed
