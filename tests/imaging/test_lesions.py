"""Inserted lesions against the attenuation law, their known place, and reproducibility."""

from functools import cache

import numpy as np
import pytest

from xray.errors import InvalidRequest
from xray.imaging.lesions import LESIONS, Lesion, Placement, lesion, random_lesion
from xray.imaging.phantom import chest_phantom
from xray.types import Pixels

SHAPE = (96, 120)


def test_a_lesion_adds_its_density_to_the_optical_depth_of_a_film():
    depth = np.linspace(0, 3, SHAPE[0] * SHAPE[1], dtype=np.float32).reshape(SHAPE)
    added = random_lesion(SHAPE, ["consolidation"], np.random.default_rng(3))
    film = added.on(1 - np.exp(-depth))
    np.testing.assert_allclose(film, 1 - np.exp(-(depth + added.density)), atol=1e-6)


def test_the_disc_whitens_its_middle_by_a_third_of_what_is_left_to_white():
    disc = random_lesion(SHAPE, ["disc"], np.random.default_rng(0))
    film = disc.on(np.full(SHAPE, 0.4, np.float32))
    assert film.max() == pytest.approx(0.4 + 0.3 * 0.6, abs=1e-3)


def test_the_disc_lies_at_its_place_with_its_radius():
    disc = lesion("disc", Placement(SHAPE, (40, 60), 15), 1.0, np.random.default_rng(0))
    rows, columns = np.nonzero(disc.region)
    assert (rows.mean(), columns.mean()) == pytest.approx((40, 60), abs=0.6)
    assert np.sqrt(disc.region.sum() / np.pi) == pytest.approx(15, rel=0.15)


@cache
def chest_pixels() -> Pixels:
    return chest_phantom(4, size=(128, 128)).radiograph.pixels


@pytest.mark.parametrize("kind", LESIONS)
def test_every_kind_brightens_only_its_region_and_most_of_it_lies_in_the_chest(kind):
    pixels = chest_pixels()
    for seed in range(4):
        added = random_lesion(pixels.shape, [kind], np.random.default_rng(seed))
        film = added.on(pixels)
        assert (film >= pixels - 1e-6).all()
        assert film.max() <= 1
        assert 0 < added.region.mean() < 0.25
        changed = film - pixels > 0.02
        assert (changed & added.region).sum() > 0.5 * changed.sum()
        middle = np.argwhere(added.region).mean(axis=0) / pixels.shape
        assert 0.1 < middle[0] < 0.95
        assert abs(middle[1] - 0.5) < 0.4


def test_shapes_vary_with_the_generator_and_repeat_with_its_seed():
    one, same, other = (
        random_lesion(SHAPE, ["mass", "consolidation"], np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert (one.density == same.density).all()
    assert not (one.density == other.density).all()


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(InvalidRequest, match="lesion 'star'"):
        lesion("star", Placement(SHAPE, (40, 60), 15), 1.0, np.random.default_rng(0))


def test_a_lesion_without_density_changes_nothing():
    pixels = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    np.testing.assert_allclose(Lesion("disc", np.zeros(SHAPE, np.float32)).on(pixels), pixels, atol=1e-6)
