"""Simulated radiographs against their ground truth: seeds, masks, findings, markers, sides, samples."""

from functools import cache

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from xray.imaging.phantom import (
    CHEST,
    IDEAL,
    LIMB,
    Exposure,
    Phantom,
    chest_phantom,
    limb_phantom,
    simulated_samples,
)
from xray.imaging.phantom.chest import opacity
from xray.imaging.phantom.solids import Grid

SMALL = {chest_phantom: (192, 192), limb_phantom: (320, 192)}
KINDS = pytest.mark.parametrize("build", [chest_phantom, limb_phantom])
SEEDS = range(4)
SLOW_SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in SEEDS[2:]]
EACH_SEED = pytest.mark.parametrize("seed", [*SEEDS[:2], *SLOW_SEEDS])


@cache
def small(build, seed: int = 5, finding: bool = False, marker: str | None = None, exposure=IDEAL) -> Phantom:
    return build(seed, finding, marker, SMALL[build], exposure)


def pixels(phantom: Phantom) -> np.ndarray:
    return phantom.radiograph.pixels.astype(float)


@KINDS
def test_a_seed_is_a_film_bit_by_bit(build):
    first, again, other = (build(seed, True, "L", SMALL[build]) for seed in (3, 3, 4))
    assert first.radiograph.sha256 == again.radiograph.sha256 != other.radiograph.sha256
    assert np.array_equal(first.finding_mask, again.finding_mask)
    assert not np.array_equal(first.body_mask, other.body_mask)


@KINDS
@EACH_SEED
def test_a_finding_changes_the_film_inside_its_mask_and_nowhere_else(build, seed):
    without, planted = small(build, seed), small(build, seed, finding=True)
    changed = pixels(without) != pixels(planted)
    assert not (changed & ~planted.finding_mask).any()
    assert changed[planted.finding_mask].mean() > 0.5


@KINDS
def test_blur_carries_a_finding_four_standard_deviations_beyond_its_mask_at_most(build):
    blurred = Exposure(None, {chest_phantom: CHEST, limb_phantom: LIMB}[build].exposure.blur_mm)
    without, planted = small(build, exposure=blurred), small(build, finding=True, exposure=blurred)
    away = distance_transform_edt(~planted.finding_mask) * planted.radiograph.spacing_mm[0]
    changed = pixels(without) != pixels(planted)
    assert away[changed].max() < 4.0 * blurred.blur_mm * np.sqrt(2) + planted.radiograph.spacing_mm[0]


@EACH_SEED
def test_an_opacity_is_in_the_lung_and_brightens_it(seed):
    without, planted = small(chest_phantom, seed), small(chest_phantom, seed, finding=True)
    place = planted.finding_mask
    assert np.median(pixels(without)[place]) < 0.75 * np.median(pixels(without)[without.body_mask])
    assert (pixels(planted) >= pixels(without)).all()
    assert pixels(planted)[place].mean() > pixels(without)[place].mean() + 0.04


@EACH_SEED
def test_a_fracture_is_in_bone_and_darkens_it(seed):
    without, planted = small(limb_phantom, seed), small(limb_phantom, seed, finding=True)
    place = planted.finding_mask
    flesh_around = (distance_transform_edt(~place) < 6) & ~without.region_mask
    assert np.median(pixels(without)[place]) > np.median(pixels(without)[flesh_around]) + 0.05
    assert pixels(planted)[place].mean() < pixels(without)[place].mean() - 0.01
    assert (pixels(planted) - pixels(without)).min() < -0.15


@KINDS
@EACH_SEED
def test_masks_match_their_description(build, seed):
    phantom = small(build, seed, finding=True, marker="R")
    masks = (phantom.finding_mask, phantom.marker_mask, phantom.body_mask, phantom.region_mask)
    assert all(mask.shape == phantom.radiograph.pixels.shape and mask.dtype == bool for mask in masks)
    assert phantom.finding_mask.any()
    assert not (phantom.finding_mask & ~phantom.region_mask).any()
    assert not (phantom.region_mask & ~phantom.body_mask).any()
    assert not (phantom.marker_mask & phantom.body_mask).any()


@KINDS
def test_a_film_without_finding_and_marker_has_empty_masks(build):
    phantom = small(build)
    assert phantom.finding is None
    assert not phantom.finding_mask.any()
    assert not phantom.marker_mask.any()


@KINDS
@pytest.mark.parametrize(("marker", "side"), [("L", 1), ("R", -1)])
def test_the_marker_is_the_brightest_thing_on_the_film_and_on_the_side_it_names(build, marker, side):
    phantom = small(build, marker=marker)
    lead = phantom.marker_mask
    assert pixels(phantom)[lead].min() > pixels(phantom)[~lead].max()
    assert side * (np.nonzero(lead)[1].mean() - lead.shape[1] / 2) > 0


@KINDS
def test_an_unknown_marker_is_refused(build):
    with pytest.raises(ValueError, match='expected a marker "L" or "R"'):
        build(0, marker="X", size=(64, 64))


@EACH_SEED
def test_the_heart_is_on_the_right_of_the_image(seed):
    film = pixels(small(chest_phantom, seed))
    heart = film[98:116]  # 8 to 45 mm below the middle
    left, right = heart[:, 60:76], heart[:, 116:132]  # 41 to 73 mm from the midline
    assert np.median(right) > np.median(left) + 0.15


def test_air_is_black_lung_dark_heart_brighter_and_the_belly_brightest():
    phantom = small(chest_phantom)
    film = pixels(phantom)
    lung, heart, belly = (
        np.median(film[phantom.region_mask]),
        np.median(film[104:112, 112:120]),
        film[170:185, 60:130],
    )
    assert film[~phantom.body_mask].max() < 0.02 < lung < 0.45 < heart < np.median(belly) < 0.99


def test_an_opacity_fills_no_more_than_the_lung_there_is():
    thin_lung = np.full((96, 96), 61.0)
    deepest = [
        opacity(Grid.over((96, 96), 192.0), thin_lung, np.random.default_rng(s)).max() for s in range(8)
    ]
    assert max(deepest) == 61.0


def test_opacities_appear_in_both_lungs():
    sides = {
        np.nonzero(small(chest_phantom, seed, finding=True).finding_mask)[1].mean() > 96 for seed in SEEDS
    }
    assert sides == {True, False}


@pytest.mark.parametrize(("marker", "thumb_side"), [("R", 0), ("L", -1)])
def test_the_marker_determines_the_side_of_the_arm(marker, thumb_side):
    row = (
        small(limb_phantom, marker=marker).region_mask[230].astype(int)
    )  # 59 mm below the middle, at the wrist
    starts, ends = np.nonzero(np.diff(row) == 1)[0], np.nonzero(np.diff(row) == -1)[0]
    assert np.argmax(ends - starts) == thumb_side % 2  # the radius is the broader bone there


@KINDS
def test_a_larger_film_shows_the_same_body_in_smaller_pixels(build):
    coarse, fine = small(build), build(5, size=tuple(2 * n for n in SMALL[build]), exposure=IDEAL)
    assert fine.radiograph.spacing_mm[0] == pytest.approx(coarse.radiograph.spacing_mm[0] / 2)
    assert fine.region_mask.mean() == pytest.approx(coarse.region_mask.mean(), rel=0.02)


@cache
def built(sample) -> Phantom:
    return sample.build()


@pytest.mark.parametrize("sample", simulated_samples(), ids=lambda sample: sample.id)
def test_a_sample_is_marked_as_simulated(sample):
    phantom = built(sample)
    radiograph = phantom.radiograph
    assert sample.title.startswith("Simulated")
    assert radiograph.name == f"{sample.id}.png"
    assert radiograph.simulated
    assert radiograph.notes[0].startswith("Simulated radiograph: ")
    assert radiograph.view == {"chest": "PA", "limb": "AP"}[sample.kind]
    assert radiograph.spacing_mm == pytest.approx(
        {"chest": (392 / 512,) * 2, "limb": (270 / 640,) * 2}[sample.kind]
    )
    assert (phantom.finding is not None) == phantom.finding_mask.any() == (" with a" in sample.title)
    assert ("marker" in sample.id) == phantom.marker_mask.any()


def test_samples_have_unique_ids_and_cover_both_bodies_with_and_without_finding():
    samples = simulated_samples()
    assert len({sample.id for sample in samples}) == len(samples)
    assert {(sample.kind, built(sample).finding) for sample in samples} == {
        ("chest", None),
        ("chest", "Opacity"),
        ("limb", None),
        ("limb", "Fracture"),
    }
