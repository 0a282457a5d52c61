"""Rates of checks and verdict on counted values, their intervals, and the rule of the verdict."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from statsmodels.stats.proportion import proportion_confint

from tests.evidence.known_rows import IGNORES, ROWS
from xray.evidence.deletion_insertion import LEAST
from xray.evidence.limits import TRUE, limits_from
from xray.evidence.meaningless import KINDS
from xray.train.check_rates import auroc, rates, rule_from, share

OBJECTED = [number for number in range(101) if number / 10 > 9.6]  # films with a shortcut


def test_the_rule_separates_and_states_its_rates():
    rule = rule_from(ROWS, limits_from(ROWS))
    assert rule["supported"] == pytest.approx(len(KINDS) - 1 + 96)
    assert rule["effect"] == pytest.approx(10 * (len(KINDS) - 1 + 96))
    assert rule["not supported"] == rule["supported"], "true maps are all above"
    assert (rule["auroc"], rule["true_supported"]) == (1, pytest.approx(1 - 8 / 201, abs=1e-4))
    assert rule["meaningless_supported"] == pytest.approx(1 / 101, abs=1e-4), "the others have a shortcut"
    silent = [
        one | {"maps": {kind: values | {"difference": 0} for kind, values in one["maps"].items()}}
        for one in ROWS
    ]
    assert rule_from(silent, limits_from(silent))["supported"] == LEAST, "never zero"


def test_at_most_5_percent_of_the_films_have_a_true_map_below_the_lower_limit():
    """The lower one of two maps counts: of 101 films, 5 may be below; their maps have 0 to 4."""
    low = [
        one | {"maps": one["maps"] | {"map": one["maps"]["lesion"] | {"difference": number}}}
        for number, one in enumerate(ROWS)
    ]
    assert rule_from(low, limits_from(low))["not supported"] == 5 - 1
    assert sum(number < 4 for number in range(101)) / 101 <= 0.05


def test_rates_on_other_films_count_what_passes():
    limits = limits_from(ROWS)
    found = rates(ROWS, {"limits": limits, "verdict": rule_from(ROWS, limits)})
    assert found["films"] == 101
    verdict = found["verdict"]
    assert verdict["auroc"] == 1
    assert found["checks"]["deletion"]["meaningless"]["moved"]["value"] == pytest.approx(5 / 101, abs=1e-4)
    shares = {kind: rate["value"] for kind, rate in verdict["meaningless"].items()}
    assert shares == {kind: pytest.approx((kind == "moved") / 101, abs=1e-4) for kind in KINDS}
    true = verdict[TRUE]
    assert len(OBJECTED) == 4
    assert (true["value"], true["n"], true["films"]) == (pytest.approx(1 - 8 / 201, abs=1e-4), 201, 101)
    assert (true["low"], true["high"]) == pytest.approx(
        proportion_confint((1 - 8 / 201) * 101, 101, method="wilson"), abs=1e-4
    )
    assert verdict["true, not supported"]["value"] == pytest.approx(8 / 201, abs=1e-4)
    lesions = {kind: (rate["n"], rate["films"]) for kind, rate in verdict["true, by lesion"].items()}
    assert lesions == {"disc": (2 * 34 - 1, 34), "mass": (2 * 67, 67)}
    assert found["randomization"]["gradcam"]["another randomized network"]["value"] == 0
    assert found["shortcut"]["none found"]["value"] == pytest.approx(97 / 101, abs=1e-4)


def test_randomization_objects_to_the_map_of_the_method_alone():
    ignoring = [one | {"methods": one["methods"] | {"gradcam": IGNORES}, "shortcut": 0.0} for one in ROWS]
    limits = limits_from(ROWS)
    found = rates(ignoring, {"limits": limits, "verdict": rule_from(ROWS, limits)})["verdict"]
    assert found[TRUE]["value"] == pytest.approx(101 / 201, abs=1e-4)
    assert found["meaningless"]["moved"]["value"] == pytest.approx(5 / 101, abs=1e-4)


def test_the_auroc_is_that_of_scipy_with_ties():
    generator = np.random.default_rng(0)
    true, other = generator.integers(0, 9, 40).tolist(), generator.integers(0, 7, 30).tolist()
    assert auroc(true, other) == pytest.approx(mannwhitneyu(true, other).statistic / (40 * 30))


def test_a_share_has_the_interval_of_wilson():
    """Of 10 by hand: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    z, p, n = 1.959964, 0.1, 10
    middle, half = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    found = share([True, *[False] * 9])
    expected = {"low": (middle - half) / (1 + z**2 / n), "high": (middle + half) / (1 + z**2 / n)}
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=1e-4)
    assert (found["value"], found["n"]) == (0.1, 10)
