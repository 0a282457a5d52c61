"""Stability of maps that follow the film and of random maps; agreement against SciPy."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, rotate
from scipy.stats import spearmanr
from torch import nn

from tests.evidence.planted import (
    FINDING,
    SIDE,
    Weighted,
    classifier_of,
    context_of,
    dots,
    finder,
    method_of,
    square,
    striped,
    with_map,
)
from xray.evidence import CHECKS, Reading
from xray.evidence.baseline_maps import edges, gaussian, noise
from xray.evidence.measures import similarity, top_overlap, top_share
from xray.evidence.stability import changes
from xray.explain import METHODS, explain
from xray.types import Pixels

INNER = np.s_[2:-2, 2:-2]  # of 32 pixels, without a rim of 5%
MODEL = classifier_of(nn.Sequential(nn.Identity(), Weighted(square())))
CHANGES = ("shifted by 1 px", "shifted by 2 px", "turned by 2°", "turned by -2°", "noise", "JPEG 90")


def smooth(seed: int = 0) -> Pixels:
    drawn = gaussian_filter(noise((SIDE, SIDE), seed), 2)
    return ((drawn - drawn.min()) / np.ptp(drawn)).astype(np.float32)


def test_a_film_is_shifted_turned_made_noisy_and_compressed():
    film = smooth()
    changed = {name: one for name, (one, _) in changes(film).items()}
    assert tuple(changed) == CHANGES
    assert np.array_equal(changed["shifted by 1 px"][INNER], np.roll(film, 1, 1)[INNER])
    assert np.array_equal(changed["shifted by 2 px"][INNER], np.roll(film, (2, -1), (0, 1))[INNER])
    for degrees in (2, -2):
        turned = rotate(film, degrees, reshape=False, order=1)
        assert changed[f"turned by {degrees}°"][INNER] == pytest.approx(turned[INNER], abs=1e-5)
    assert (changed["noise"] - film)[film.clip(0.05, 0.95) == film].std() == pytest.approx(0.01, rel=0.1)
    written = BytesIO()
    Image.fromarray(np.rint(film * 255).astype(np.uint8)).save(written, "jpeg", quality=90)
    assert changed["JPEG 90"] * 255 == pytest.approx(np.asarray(Image.open(written)).astype(float), abs=2)


def steadiness(draw, film: Pixels) -> Reading:
    method = method_of("planted", draw)
    asked = context_of(MODEL, with_map(MODEL, film, film).film.radiograph, method, FINDING)
    return CHECKS["stability"].measure(asked, asked.candidate)


def test_a_map_that_follows_a_shift_is_moved_back_exactly():
    found = steadiness(lambda film: film, smooth())
    for name in CHANGES[:2]:
        assert np.array_equal(found.maps[name][INNER], smooth()[INNER])
        assert found.details[name] == pytest.approx(1)
    for name in CHANGES[2:4]:
        assert found.maps[name][4:-4, 4:-4] == pytest.approx(smooth()[4:-4, 4:-4], abs=0.03)
        assert found.details[name] > 0.99


def test_what_is_compared_is_the_rank_by_scipy_without_the_rim():
    film = dots(1)
    found = steadiness(edges, film)
    expected = {
        name: spearmanr(edges(film)[INNER].ravel(), one[INNER].ravel()).statistic
        for name, one in found.maps.items()
    }
    assert found.details == pytest.approx(expected, abs=1e-6)
    assert found.value == pytest.approx(np.mean(list(expected.values())))
    assert min(expected.values()) < 0.9


def test_a_constant_map_is_stable_except_for_moved_films():
    found = steadiness(lambda film: gaussian(film.shape), smooth())
    assert [found.details[name] for name in ("noise", "JPEG 90")] == pytest.approx([1, 1])
    assert found.value > 0.98


def test_random_maps_are_not_stable():
    values = []
    for seed in range(30):
        asked = with_map(MODEL, smooth(seed), smooth(seed))
        found = [CHECKS["stability"].measure(asked, one) for one in asked.film.random_maps]
        values += [one.value for one in found]
        assert not any(np.array_equal(one.maps["noise"], one.maps["JPEG 90"]) for one in found)
    assert abs(np.mean(values)) < 3 * np.std(values) / len(values) ** 0.5 + 0.02
    assert np.std(values) < 0.2


def fine(seed: int) -> Pixels:
    return np.random.default_rng(seed).random((56, 56), np.float32)


def beside(own: Pixels, others: dict[str, Pixels]) -> Reading:
    asked = with_map(MODEL, fine(0), own)
    vars(asked.film)["quick_maps"] = others | {"gradcam": -own}
    return CHECKS["agreement"].measure(asked, asked.candidate)


def test_agreement_is_the_mean_rank_correlation_of_means_over_cells():
    """By SciPy, on 14 x 14 cells of 4 x 4 pixels; the method's own map is left out."""
    own, others = fine(1), {"eigencam": fine(1) + fine(2), "smoothgrad": -fine(1)}
    found = beside(own, others)

    def cells(drawn: Pixels) -> Pixels:
        return drawn.reshape(14, 4, 14, 4).mean((1, 3)).ravel()

    expected = {name: spearmanr(cells(own), cells(one)).statistic for name, one in others.items()}
    assert {name: found.details[METHODS[name].title] for name in others} == pytest.approx(expected, abs=1e-6)
    assert found.value == pytest.approx(np.mean(list(expected.values())), abs=1e-6)
    assert expected["smoothgrad"] == pytest.approx(-1)


def test_the_overlap_of_the_highest_tenths_by_hand():
    """Of 100 cells the ten highest: 90 to 99 here, 86 to 95 there; six are the same of fourteen in all."""
    ramp = np.arange(100, dtype=np.float32).reshape(10, 10)
    other = np.where((ramp >= 86) & (ramp < 96), ramp + 100, ramp)
    assert top_overlap(ramp, other) == pytest.approx(6 / 14)
    assert top_overlap(ramp, -ramp) == 0
    found = beside(fine(1), {"eigencam": 3 * fine(1) + 7, "smoothgrad": -fine(1)})
    assert found.details["overlap of the highest tenths"] == pytest.approx(0.5)
    assert top_share(np.zeros((10, 10), np.float32), 0.1).sum() == 10, "also where all are equal"


def test_the_others_are_the_quick_methods_that_fit():
    film = striped(1001)
    asked = context_of(finder(), film, METHODS["gradcam"], FINDING)
    expected = {"gradcam++", "eigencam"}
    assert asked.other_maps.keys() == {METHODS[name].title for name in expected}
    for name in expected:
        made = explain(finder(), film, METHODS[name], [FINDING])[1][0].heatmap()
        assert asked.other_maps[METHODS[name].title] == pytest.approx(made, abs=1e-5)


def test_structural_similarity_does_not_see_scale():
    one, other = fine(1), fine(2)
    assert similarity(one, 5 * one - 3) == pytest.approx(1, abs=1e-5)
    assert abs(similarity(one, other)) < 0.1
