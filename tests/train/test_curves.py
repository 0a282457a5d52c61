"""Curves of the pages, against scikit-learn and hand-computed values."""

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score

from tests.train.fixed_weights import FixedWeights
from xray.train.bootstrap import resampled
from xray.train.curves import operating_curve, reliability, risk_coverage

GENERATOR = np.random.default_rng(0)
LABELS = (GENERATOR.random(200) < 0.4) * 1.0
PROBABILITIES = np.clip(GENERATOR.normal(0.35 + 0.25 * LABELS, 0.2), 0.01, 0.99)
BOOTSTRAP = resampled([str(number) for number in range(200)], resamples=300)


def test_every_point_is_that_of_scikit_learn():
    curve = operating_curve(PROBABILITIES, LABELS, BOOTSTRAP)
    for index, threshold in enumerate(curve["thresholds"]):
        at = threshold <= PROBABILITIES
        assert curve["sensitivity"][index] == pytest.approx(recall_score(LABELS, at), abs=1e-4)
        assert curve["specificity"][index] == pytest.approx(recall_score(1 - LABELS, ~at), abs=1e-4)
        if at.any():
            assert curve["precision"][index] == pytest.approx(precision_score(LABELS, at), abs=1e-4)
        assert (
            curve["sensitivity_low"][index] <= curve["sensitivity"][index] <= curve["sensitivity_high"][index]
        )


def test_bins_contain_all_films_and_their_shares():
    rows = reliability(
        np.array([0.12, 0.14, 0.16, 0.95]), np.array([0.0, 1, 0, 1]), FixedWeights(np.ones((5, 4)))
    )
    assert [row["n"] for row in rows] == [3, 1]
    assert rows[0]["stated"] == pytest.approx(0.14)
    assert rows[0]["observed"] == pytest.approx(1 / 3, abs=1e-4)


def test_risk_falls_when_the_uncertain_are_left_out():
    confidence = np.linspace(0.99, 0.5, 100)
    wrong = np.r_[np.zeros(80), np.ones(20)]  # all errors among the least certain fifth
    curve = risk_coverage(confidence, wrong)
    assert dict(zip(curve["coverage"], curve["risk"], strict=True))[0.8] == 0
    assert curve["risk"][-1] == pytest.approx(0.2)
