import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from xray.train.metrics import (
    auroc,
    binary_figures,
    calibration_error,
    estimates,
    mean_figure,
    mean_of,
    resampled,
    threshold_at_sensitivity,
)

SAID = np.array([0.9, 0.8, 0.35, 0.3, 0.6, 0.2, 0.1, 0.05])
HAPPENED = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
ONCE = np.ones((1, 8))


def value(figure, n: int = 8) -> float:
    return float(figure(np.ones((1, n)))[0])


def test_figures_by_hand():
    figures = {name: value(figure) for name, figure in binary_figures(SAID, HAPPENED, 0.5).items()}
    assert figures["sensitivity"] == 2 / 4
    assert figures["specificity"] == 3 / 4
    assert figures["accuracy"] == 5 / 8
    assert figures["auroc"] == 14 / 16  # 0.35 and 0.3 each lose to 0.6
    assert figures["brier"] == pytest.approx(
        (0.1**2 + 0.2**2 + 0.65**2 + 0.7**2 + 0.6**2 + 0.2**2 + 0.1**2 + 0.05**2) / 8
    )


def test_a_probability_on_the_threshold_counts_as_positive():
    assert value(binary_figures(SAID, HAPPENED, 0.35)["sensitivity"]) == 3 / 4


def test_a_film_sampled_twice_counts_twice():
    twice = np.array([[2.0, 0, 1, 1, 1, 1, 1, 1]])
    said, happened = np.r_[SAID[0], SAID[0], SAID[2:]], np.r_[1.0, 1.0, HAPPENED[2:]]
    for name, figure in binary_figures(SAID, HAPPENED, 0.5).items():
        expected = value(binary_figures(said, happened, 0.5)[name])
        assert figure(twice)[0] == pytest.approx(expected), name


@pytest.mark.parametrize("levels", [3, 1000])
def test_auroc_is_that_of_scikit_learn_in_every_resample(levels):
    """Also with many ties."""
    generator = np.random.default_rng(5)
    said, happened = generator.integers(levels, size=90) / levels, (generator.random(90) < 0.3) * 1.0
    weights = resampled([str(number) for number in range(90)], resamples=20)
    for row, found in zip(weights, auroc(said, happened)(weights), strict=True):
        assert found == pytest.approx(roc_auc_score(happened, said, sample_weight=row))


def test_a_resample_without_a_positive_is_left_out():
    weights = np.array([[0.0, 0, 0, 0, 1, 1, 1, 1], [1.0] * 8])
    found = auroc(SAID, HAPPENED)(weights)
    assert np.isnan(found[0])
    assert estimates({"auroc": auroc(SAID, HAPPENED)}, weights)["auroc"] == {
        "value": 14 / 16,
        "low": 14 / 16,
        "high": 14 / 16,
    }


def test_a_mean_over_findings_is_the_mean_of_their_figures():
    perfect, useless = mean_of(np.ones(8)), mean_of(np.zeros(8))
    assert value(mean_figure([perfect, perfect, useless])) == pytest.approx(2 / 3)


def test_calibration_error_by_hand():
    said = np.array([0.11, 0.13, 0.93, 0.97])  # with ten bins: two films in the second, two in the last
    happened = np.array([0.0, 1.0, 1.0, 1.0])
    expected = (abs(1 - 0.24) + abs(2 - 1.90)) / 4
    assert value(calibration_error(said, happened, bins=10), 4) == pytest.approx(expected)


@pytest.mark.parametrize("sensitivity", [0.25, 0.6, 0.9, 0.95, 1.0])
def test_the_threshold_is_the_highest_that_keeps_the_sensitivity(sensitivity):
    generator = np.random.default_rng(1)
    happened = (generator.random(300) < 0.4).astype(float)
    said = np.clip(generator.normal(0.4 + 0.2 * happened, 0.2), 0, 1)
    _, true_positives, thresholds = roc_curve(happened, said, drop_intermediate=False)
    expected = thresholds[np.argmax(true_positives >= sensitivity - 1e-12)]
    assert threshold_at_sensitivity(said, happened, sensitivity) == pytest.approx(expected)


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
