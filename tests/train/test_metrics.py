from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from tests.train.fixed_weights import FixedWeights
from xray.train.bootstrap import estimates, resampled
from xray.train.metrics import (
    auroc,
    binary_figures,
    calibration_error,
    mean_figure,
    mean_of,
    threshold_at_sensitivity,
    threshold_at_specificity,
)

PROBABILITIES = np.array([0.9, 0.8, 0.35, 0.3, 0.6, 0.2, 0.1, 0.05])
LABELS = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
ONCE = np.ones((1, 8))


def value(figure, n: int = 8) -> float:
    return float(figure(np.ones((1, n)))[0])


def test_figures_by_hand():
    figures = {name: value(figure) for name, figure in binary_figures(PROBABILITIES, LABELS, 0.5).items()}
    assert figures["sensitivity"] == 2 / 4
    assert figures["specificity"] == 3 / 4
    assert figures["accuracy"] == 5 / 8
    assert figures["auroc"] == 14 / 16  # 0.35 and 0.3 each lose to 0.6
    assert figures["brier"] == pytest.approx(
        (0.1**2 + 0.2**2 + 0.65**2 + 0.7**2 + 0.6**2 + 0.2**2 + 0.1**2 + 0.05**2) / 8
    )


def test_a_probability_on_the_threshold_counts_as_positive():
    assert value(binary_figures(PROBABILITIES, LABELS, 0.35)["sensitivity"]) == 3 / 4


def test_a_film_sampled_twice_counts_twice():
    twice = np.array([[2.0, 0, 1, 1, 1, 1, 1, 1]])
    probabilities, labels = (
        np.r_[PROBABILITIES[0], PROBABILITIES[0], PROBABILITIES[2:]],
        np.r_[1.0, 1.0, LABELS[2:]],
    )
    for name, figure in binary_figures(PROBABILITIES, LABELS, 0.5).items():
        expected = value(binary_figures(probabilities, labels, 0.5)[name])
        assert figure(twice)[0] == pytest.approx(expected), name


@pytest.mark.parametrize("levels", [3, 1000])
def test_auroc_is_that_of_scikit_learn_in_every_resample(levels):
    """Also with many ties."""
    generator = np.random.default_rng(5)
    probabilities, labels = generator.integers(levels, size=90) / levels, (generator.random(90) < 0.3) * 1.0
    (weights,) = resampled([str(number) for number in range(90)], resamples=20)
    for row, found in zip(weights, auroc(probabilities, labels)(weights), strict=True):
        assert found == pytest.approx(roc_auc_score(labels, probabilities, sample_weight=row))


def test_a_resample_without_a_positive_is_left_out():
    weights = np.array([[0.0, 0, 0, 0, 1, 1, 1, 1], [1.0] * 8])
    found = auroc(PROBABILITIES, LABELS)(weights)
    assert np.isnan(found[0])
    assert estimates({"auroc": auroc(PROBABILITIES, LABELS)}, FixedWeights(weights))["auroc"] == {
        "value": 14 / 16,
        "low": 14 / 16,
        "high": 14 / 16,
    }


def test_a_mean_over_findings_is_the_mean_of_their_figures():
    perfect, useless = mean_of(np.ones(8)), mean_of(np.zeros(8))
    assert value(mean_figure([perfect, perfect, useless])) == pytest.approx(2 / 3)


def test_calibration_error_by_hand():
    probabilities = np.array(
        [0.11, 0.13, 0.93, 0.97]
    )  # with ten bins: two films in the second, two in the last
    labels = np.array([0.0, 1.0, 1.0, 1.0])
    expected = (abs(1 - 0.24) + abs(2 - 1.90)) / 4
    assert value(calibration_error(probabilities, labels, bins=10), 4) == pytest.approx(expected)


predictions = st.lists(
    st.tuples(
        st.one_of(st.floats(0, 1, width=32), st.sampled_from([np.float32(n / 20) for n in range(21)])),
        st.sampled_from([0.0, 1.0, float("nan")]),
    ),
    min_size=1,
    max_size=60,
)


def columns(pairs):
    return (np.array(values, np.float32) for values in zip(*pairs, strict=True))


@given(predictions, st.floats(0.5, 0.999))
def test_the_threshold_is_the_highest_that_keeps_the_sensitivity(pairs, sensitivity):
    """At every number of films, counted as fractions, with the comparison of a prediction (float32)."""
    probabilities, labels = columns(pairs)
    positives = probabilities[labels == 1]
    assume(len(positives))

    def found(threshold):
        return Fraction(int((positives >= threshold).sum()), len(positives))

    threshold = threshold_at_sensitivity(probabilities, labels, sensitivity)
    assert found(threshold) >= sensitivity - 1e-9
    assert found(threshold + 2e-4) < sensitivity


@given(predictions, st.floats(0.5, 0.999))
def test_the_threshold_is_the_lowest_that_keeps_the_specificity(pairs, specificity):
    probabilities, labels = columns(pairs)
    negatives = probabilities[labels == 0]
    assume(len(negatives))

    def rejected(threshold):
        return Fraction(int((negatives < threshold).sum()), len(negatives))

    threshold = threshold_at_specificity(probabilities, labels, specificity)
    assert rejected(threshold) >= specificity - 1e-9
    assert rejected(threshold - 2e-4) < specificity
    assert threshold == round(threshold, 4)


@pytest.mark.parametrize(("count", "below"), [(10, 9), (20, 18), (100, 90), (7, 7), (11, 10)])
def test_ninety_percent_of_the_negatives_are_below_the_threshold(count, below):
    probabilities = np.linspace(0.1, 0.9, count, dtype=np.float32)
    threshold = threshold_at_specificity(probabilities, np.zeros(count), 0.9)
    assert (probabilities < np.float32(threshold)).sum() == below


def test_without_negatives_every_threshold_keeps_the_specificity():
    assert threshold_at_specificity(np.float32([0.3]), np.ones(1), 0.9) == 0.0


def accuracy_of(right, patients, resamples=2000):
    return estimates({"accuracy": mean_of(right)}, resampled(patients, resamples))["accuracy"]


def test_with_a_patient_per_film_the_interval_of_accuracy_is_the_binomial_one():
    right = (np.random.default_rng(2).random(400) < 0.8) * 1.0
    found = accuracy_of(right, [str(number) for number in range(400)])
    half = norm.ppf(0.975) * np.sqrt(right.mean() * (1 - right.mean()) / 400)
    assert found["value"] == pytest.approx(right.mean())
    assert found["low"] == pytest.approx(right.mean() - half, abs=0.008)
    assert found["high"] == pytest.approx(right.mean() + half, abs=0.008)


def test_films_of_one_patient_do_not_count_as_independent():
    right = np.repeat(np.random.default_rng(3).random(40) < 0.8, 10) * 1.0

    def width(patients):
        found = accuracy_of(right, patients, resamples=500)
        return found["high"] - found["low"]

    patients = [str(number // 10) for number in range(400)]
    assert width(patients) > 2 * width([str(number) for number in range(400)])
