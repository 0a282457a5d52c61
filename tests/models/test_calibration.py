"""Calibration recovers planted parameters; sets and intervals have the stated coverage."""

import numpy as np
import pytest
import torch
from scipy.special import expit, softmax

from xray.models.calibration import calibrated, fit_scaling
from xray.models.conformal import inclusion_threshold, inclusion_thresholds
from xray.models.interval import SMALLEST_DEVIATION, dropout_on, interval_of, retakes, variants
from xray.train.metrics import calibration_error

GENERATOR = np.random.default_rng(0)


def calibration_gap(said: np.ndarray, happened: np.ndarray) -> float:
    return float(calibration_error(said, happened)(np.ones((1, len(said))))[0])


def drawn(probabilities: np.ndarray) -> np.ndarray:
    """One-hot truths (n, K) drawn from probabilities (n, K)."""
    chosen = (probabilities.cumsum(1) > GENERATOR.random((len(probabilities), 1))).argmax(1)
    return np.eye(probabilities.shape[1])[chosen]


def test_a_planted_temperature_is_found():
    true = GENERATOR.normal(0, 2, (40_000, 3))
    targets = drawn(softmax(true, axis=1))
    scaling = fit_scaling(true * 2.5, targets, "softmax")
    assert scaling[0] == pytest.approx((0.4,) * 3, rel=0.05)
    said = calibrated(torch.from_numpy(true * 2.5), scaling, "softmax").numpy()
    assert calibration_gap(said[:, 0], targets[:, 0]) < 0.01
    before = softmax(true * 2.5, axis=1)
    assert calibration_gap(before[:, 0], targets[:, 0]) > 0.05


def test_platt_scaling_is_fitted_per_finding_and_ignores_unknown_targets():
    true = GENERATOR.normal(-1, 2, (40_000, 2))
    targets = (GENERATOR.random(true.shape) < expit(true)) * 1.0
    given = (true - [0.5, -1.0]) / [0.5, 2.0]
    given[:100], targets[:100] = 1e3, np.nan
    scale, shift = fit_scaling(given, targets, "sigmoid")
    assert scale == pytest.approx((0.5, 2.0), rel=0.05)
    assert shift == pytest.approx((0.5, -1.0), abs=0.06)


def test_three_positives_do_not_make_platt_certain():
    logits = np.array([3.0, 2.9, 2.8] + [-1.0] * 50)[:, None]
    scaling = fit_scaling(logits, (logits > 0) * 1.0, "sigmoid")
    assert calibrated(torch.tensor([[3.0]]), scaling, "sigmoid").item() < 0.9


def test_inclusion_thresholds_by_hand():
    said = np.arange(1, 20) / 20  # 19 true films: the second lowest probability, rank floor(20 * 0.1)
    assert inclusion_threshold(said, coverage=0.9) == pytest.approx(0.10)
    assert inclusion_threshold(said[:8], coverage=0.9) == 0.0  # eight films cannot rule out a tenth


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_sets_cover_every_class_as_promised(activation):
    """Mean coverage over many draws of validation and test films, as the theorem has it."""
    covered = []
    for _ in range(60):
        logits = GENERATOR.normal(0, 1.5, (600, 3))
        if activation == "softmax":
            said = softmax(logits, axis=1)
            targets = drawn(said)
        else:
            said = expit(logits)
            targets = (GENERATOR.random(said.shape) < said) * 1.0
        present, absent = inclusion_thresholds(said[:300], targets[:300], activation)
        test, true = said[300:], targets[300:]
        covered.append([(test[:, k] >= present[k])[true[:, k] == 1].mean() for k in range(3)])
        if absent:
            covered[-1] += [(1 - test[:, k] >= absent[k])[true[:, k] == 0].mean() for k in range(3)]
    assert np.mean(covered, axis=0) == pytest.approx(0.9, abs=0.02)


def test_an_interval_is_symmetric_in_log_odds():
    low, high = interval_of(np.array([0.8]), np.array([0.5]), widening=2.0)[0]
    margin = 2 * np.hypot(0.5, SMALLEST_DEVIATION)
    assert (low, high) == pytest.approx((expit(np.log(4) - margin), expit(np.log(4) + margin)))


def test_dropout_drops_within_and_not_afterwards():
    module = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(50)).eval()
    film = torch.ones(4, 50)
    with dropout_on(module, torch.Generator().manual_seed(0)):
        assert (module(film) == 0).any()
        assert not module[1].training
    assert (module(film) != 0).all()


def test_changed_films_stay_films_and_are_the_same_every_time():
    film = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    for change, count in ((variants, 6), (retakes, 3)):
        films = change(film)
        assert films.shape == (count, 1, 64, 64)
        assert films.min() >= 0
        assert films.max() <= 1
        assert torch.equal(films, change(film))
    assert torch.equal(variants(film)[0], film[0])
    everything = torch.cat([variants(film), retakes(film)])
    assert len({one.numpy().tobytes() for one in everything}) == 9


def test_sets_are_those_of_mapie():
    """Class by class, MAPIE's split conformal sets (score: one minus the probability) hold the same films."""
    classification = pytest.importorskip("mapie.classification")
    from sklearn.linear_model import LogisticRegression

    films, classes = GENERATOR.normal(0, 1, (900, 2)), 3
    targets = (films[:, 0] + GENERATOR.normal(0, 0.7, 900) > 0).astype(int) + (films[:, 1] > 0.8)
    model = LogisticRegression().fit(films[:300], targets[:300])
    said = model.predict_proba(films[300:600])
    present, _ = inclusion_thresholds(said, np.eye(classes)[targets[300:600]], "softmax")
    test = films[600:]
    for one in range(classes):
        of_class = targets[300:600] == one
        theirs = classification.SplitConformalClassifier(
            model, confidence_level=0.9, conformity_score="lac", prefit=True
        ).conformalize(films[300:600][of_class], targets[300:600][of_class])
        sets = theirs.predict_set(test)[1][:, one, 0]
        ours = model.predict_proba(test)[:, one] >= present[one]
        assert (sets == ours).mean() > 0.995  # a threshold is rounded down to four digits
