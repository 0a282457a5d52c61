import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from xray.models.calibration import expected_calibration_error, fit_temperature
from xray.train.metrics import estimates, figures_at, threshold_at_sensitivity

PROBABILITIES = np.array([0.9, 0.8, 0.35, 0.3, 0.6, 0.2, 0.1, 0.05])
HAPPENED = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])


def test_figures_by_hand():
    figures = {name: figure(PROBABILITIES, HAPPENED) for name, figure in figures_at(0.5).items()}
    assert figures["sensitivity"] == 2 / 4
    assert figures["specificity"] == 3 / 4
    assert figures["accuracy"] == 5 / 8
    assert figures["auroc"] == 14 / 16  # 0.35 and 0.3 each lose to 0.6
    assert figures["brier"] == pytest.approx(
        (0.1**2 + 0.2**2 + 0.65**2 + 0.7**2 + 0.6**2 + 0.2**2 + 0.1**2 + 0.05**2) / 8
    )


def test_a_probability_on_the_threshold_counts_as_positive():
    assert figures_at(0.35)["sensitivity"](PROBABILITIES, HAPPENED) == 3 / 4


def test_calibration_error_by_hand():
    said = np.array([0.11, 0.13, 0.93, 0.97])  # with ten bins: two films in the second, two in the last
    happened = np.array([0.0, 1.0, 1.0, 1.0])
    expected = (abs(1 - 0.24) + abs(2 - 1.90)) / 4
    assert expected_calibration_error(said, happened, bins=10) == pytest.approx(expected)


def test_a_certain_and_right_forecast_has_no_calibration_error():
    assert expected_calibration_error(HAPPENED, HAPPENED) == 0.0


def test_the_planted_temperature_is_found():
    generator = np.random.default_rng(0)
    true_logits = generator.normal(0, 2, (40_000, 1)) * [-1.0, 1.0]
    true_probability = 1 / (1 + np.exp(-2 * true_logits[:, 1]))
    targets = (generator.random(40_000) < true_probability).astype(int)
    assert fit_temperature(2.5 * true_logits, targets) == pytest.approx(2.5, rel=0.05)


@pytest.mark.parametrize("sensitivity", [0.25, 0.6, 0.9, 0.95, 1.0])
def test_the_threshold_is_the_highest_that_keeps_the_sensitivity(sensitivity):
    generator = np.random.default_rng(1)
    happened = (generator.random(300) < 0.4).astype(float)
    said = np.clip(generator.normal(0.4 + 0.2 * happened, 0.2), 0, 1)
    _, true_positives, thresholds = roc_curve(happened, said, drop_intermediate=False)
    expected = thresholds[np.argmax(true_positives >= sensitivity - 1e-12)]
    assert threshold_at_sensitivity(said, happened, sensitivity) == pytest.approx(expected)


def test_with_a_patient_per_film_the_interval_of_accuracy_is_the_binomial_one():
    generator = np.random.default_rng(2)
    n = 400
    happened = (np.arange(n) % 2).astype(float)
    right = generator.random(n) < 0.8
    said = np.where(right, happened, 1 - happened) * 0.6 + 0.2
    found = estimates(said, happened, [str(number) for number in range(n)], threshold=0.5)["accuracy"]
    half = norm.ppf(0.975) * np.sqrt(right.mean() * (1 - right.mean()) / n)
    assert found["value"] == right.mean()
    assert found["low"] == pytest.approx(right.mean() - half, abs=0.008)
    assert found["high"] == pytest.approx(right.mean() + half, abs=0.008)


def test_films_of_one_patient_do_not_count_as_independent():
    generator = np.random.default_rng(3)
    happened = np.repeat((np.arange(40) % 2).astype(float), 10)
    said = np.repeat(np.where(generator.random(40) < 0.8, happened[::10], 1 - happened[::10]), 10) * 0.6 + 0.2
    patients = [str(number // 10) for number in range(400)]

    def width(of):
        accuracy = estimates(said, happened, of, threshold=0.5, resamples=500)["accuracy"]
        return accuracy["high"] - accuracy["low"]

    assert width(patients) > 2 * width([str(number) for number in range(400)])


def test_auroc_is_that_of_scikit_learn():
    assert estimates(PROBABILITIES, HAPPENED, list("abcdefgh"), 0.5, resamples=50)["auroc"]["value"] == (
        roc_auc_score(HAPPENED, PROBABILITIES)
    )
