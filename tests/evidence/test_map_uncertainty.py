"""Mean and coefficient of variation of maps: by hand, and of planted maps that follow the film or do not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import nn

from tests.evidence.planted import FINDING, SIDE, Weighted, classifier_of, method_of, square
from xray.evidence.map_uncertainty import map_uncertainty, mean_and_variation
from xray.explain import Method
from xray.models.ensemble import Ensemble
from xray.types import Pixels, Radiograph

MODEL = classifier_of(nn.Sequential(nn.Identity(), Weighted(square())))
NAN = np.nan


def test_mean_and_variation_by_hand():
    """Of 1, 2 and 3 the mean is 2 and the standard deviation the root of 2/3; of 4 and 6 they are 5 and 1."""
    maps = np.array([[[1, 4, 0.4, -9]], [[2, 6, 0.4, -9]], [[3, NAN, 0.4, 3]]], np.float32)
    mean, variation = mean_and_variation(maps)
    assert mean == pytest.approx(np.array([[2, 5, 0.4, -5]]), rel=1e-6)
    expected = np.array([[np.sqrt(2 / 3) / 2, 0.2, NAN, NAN]])  # 0.4 is below a tenth of the highest mean
    assert variation == pytest.approx(expected, rel=1e-6, nan_ok=True)


def test_the_limit_of_a_tenth_is_included():
    maps = np.array([[[10.0, 1.0, 0.999]], [[10.0, 1.0, 0.999]]])
    assert np.array_equal(mean_and_variation(maps)[1], [[0, 0, NAN]], equal_nan=True)


@pytest.mark.parametrize("level", [0.0, -1.0])
def test_without_a_positive_mean_no_variation_is_defined(level):
    assert np.isnan(mean_and_variation(np.full((3, 4, 5), level))[1]).all()


def film(pixels: Pixels) -> Radiograph:
    return Radiograph(pixels, "film.png")


def smooth() -> Pixels:
    values = gaussian_filter(np.random.default_rng(0).random((SIDE, SIDE)), 4)
    return (0.3 + 0.4 * (values - values.min()) / np.ptp(values)).astype(np.float32)


def test_a_constant_map_has_no_variation():
    constant = method_of("constant", lambda pixels: np.full(pixels.shape, 0.1, np.float32))
    found = map_uncertainty(MODEL, film(smooth()), constant, FINDING)
    assert found.mean.raw_map == pytest.approx(np.full((SIDE, SIDE), 0.1))
    assert found.variation == pytest.approx(np.zeros((SIDE, SIDE)), abs=1e-6)
    assert (found.films, found.members) == (7, 1)


def test_a_map_that_stays_while_the_film_moves_varies_at_its_edges_only():
    found = map_uncertainty(MODEL, film(smooth()), method_of("fixed", lambda _pixels: square()), FINDING)
    edge, middle = np.s_[12, 15], np.s_[11:13, 19:21]  # the square has rows 8 to 15 and columns 16 to 23
    assert found.variation[middle] == pytest.approx(np.zeros((2, 2)), abs=1e-5)
    assert found.variation[edge] > 1
    assert np.isnan(found.variation[28, 4])
    shown = found.variation_map
    assert shown.method == "coefficient of variation of Fixed"
    assert shown.raw_map[28, 4] == 0
    assert shown.raw_map[edge] == found.variation[edge]


def test_a_map_that_moves_with_the_film_hardly_varies():
    found = map_uncertainty(MODEL, film(smooth()), method_of("film", lambda pixels: pixels), FINDING)
    assert np.nanmax(found.variation) < 0.1
    assert found.mean.raw_map == pytest.approx(smooth(), abs=0.03)


def test_the_networks_of_an_ensemble_count_with_the_factors_of_their_logits():
    """One network draws 1 and counts twice, one draws 4: mean 3 and deviation 1."""
    members = tuple(
        classifier_of(nn.Sequential(nn.Identity(), Weighted(square())), id=name, scale=(factor,))
        for name, factor in (("first", 2.0), ("second", 1.0))
    )
    level = {"first": 1.0, "second": 4.0}

    def draw(request):
        return torch.full((1, SIDE, SIDE), level[request.classifier.entry.id])

    planted = method_of("planted", lambda pixels: pixels)
    method: Method = replace(planted, explain=draw)
    ensemble = Ensemble(members[0].entry.model_copy(update={"id": "both", "scale": ()}), members)
    shares: list[float] = []
    found = map_uncertainty(ensemble, film(smooth()), method, FINDING, shares.append)
    assert found.mean.raw_map == pytest.approx(np.full((SIDE, SIDE), 3.0), rel=1e-6)
    assert found.variation == pytest.approx(np.full((SIDE, SIDE), 1 / 3), rel=1e-5)
    assert (found.films, found.members) == (7, 2)
    assert shares == sorted(shares)
    assert shares[-1] == 1
