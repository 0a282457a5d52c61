"""Resamples drawn in parts are those drawn at once."""

import numpy as np
import pytest

from xray.train import bootstrap
from xray.train.bootstrap import estimates, resampled
from xray.train.metrics import auroc, binary_figures

PATIENTS = [f"p{number // 3}" for number in np.random.default_rng(1).permutation(200)]


def weights_at_once(patients, resamples, seed):
    """All weights (R, n) in one array."""
    names, of_patient = np.unique(patients, return_inverse=True)
    draws = np.random.default_rng(seed).integers(len(names), size=(resamples, len(names)))
    return np.array([[(row == patient).sum() for patient in range(len(names))] for row in draws])[
        :, of_patient
    ]


@pytest.mark.parametrize("part", [1, 1000, 10**9])
def test_parts_are_those_of_one_draw(monkeypatch, part):
    monkeypatch.setattr(bootstrap, "PART", part)
    parts = list(resampled(PATIENTS, 50, seed=3))
    assert max(map(len, parts)) == {1: 1, 1000: 5, 10**9: 50}[part]
    assert (np.concatenate(parts) == weights_at_once(PATIENTS, 50, 3)).all()


def test_intervals_do_not_depend_on_the_parts(monkeypatch):
    generator = np.random.default_rng(2)
    labels = (generator.random(200) < 0.3) * 1.0
    figures = binary_figures(generator.random(200), labels, 0.5)
    weights = weights_at_once(PATIENTS, 300, 0)
    monkeypatch.setattr(bootstrap, "PART", 5000)
    for name, found in estimates(figures, resampled(PATIENTS, 300)).items():
        low, high = np.nanquantile(figures[name](weights.astype(float)), (0.025, 0.975))
        assert (found["low"], found["high"]) == pytest.approx((low, high), abs=1e-12)


def test_a_part_of_the_films_keeps_their_resamples():
    some = np.arange(200) % 5 == 0
    (parts,) = resampled(PATIENTS, 40).among(some)
    assert (parts == weights_at_once(PATIENTS, 40, 0)[:, some]).all()


def test_memory_does_not_grow_with_the_resamples():
    import tracemalloc

    scores, labels = np.random.default_rng(0).random(3000), np.arange(3000) % 2.0
    tracemalloc.start()
    estimates({"auroc": auroc(scores, labels)}, resampled([str(n) for n in range(3000)], 200))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15 * 2**20  # all weights at once: 4.8 MB, and ten arrays of this size beside them
