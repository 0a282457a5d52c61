"""Training of the lung network: films, augmentation, and a resumed run, on small films made by code."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image

from tests.lungs import CENTERS, GRID, ellipse
from xray.errors import UnusableData
from xray.train.lungs import films, fit
from xray.train.lungs.augment import MaskedFilm, collimated, exposed, partly_hidden, posed, with_opacities

MASKS = np.stack([ellipse(*center) for center in CENTERS])


def film(seed: int = 0) -> MaskedFilm:
    """Dark lungs on a bright body with noise, uint8."""
    noise = np.random.default_rng(seed).normal(0, 8, (GRID, GRID))
    pixels = np.where(MASKS.any(0), 70, 190) + noise
    return MaskedFilm(pixels.clip(0, 255).astype(np.uint8), MASKS.astype(np.uint8) * 255)


def test_the_two_parts_of_a_mask_are_ordered_from_left_to_right_without_specks():
    drawn = MASKS.any(0)
    drawn[0, 0] = True
    assert np.array_equal(films.two_parts(drawn), MASKS * np.uint8(255))
    with pytest.raises(ValueError, match="two parts, got 1"):
        films.two_parts(MASKS[0])


def test_patients_are_in_one_split_only(tmp_path):
    with (tmp_path / "labels.csv").open("w", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["path", "mask", "patient_id"])
        rows.writerows([f"{n}.png", f"{n}-mask.png", f"patient {n // 2}"] for n in range(120))
    parts = films.masked_films(tmp_path)
    patients = [{one.patient for one in part} for part in parts]
    assert [len(part) for part in patients] == [20, films.VALIDATION, films.TEST]
    assert len(set.union(*patients)) == 60
    assert films.masked_films(tmp_path) == parts


def test_a_missing_list_is_reported(tmp_path):
    with pytest.raises(UnusableData, match="no films with lung masks"):
        films.masked_films(tmp_path)


def test_a_film_is_read_with_both_lungs(tmp_path):
    pixels, masks = film()
    Image.fromarray(pixels).save(tmp_path / "film.png")
    Image.fromarray(masks.max(0)).save(tmp_path / "mask.png")
    read = films.LungFilm(
        tmp_path / "film.png", frozenset(), "1", "", mask=tmp_path / "mask.png"
    ).with_masks()
    assert np.array_equal(read.masks, masks)
    assert np.array_equal(read.pixels, pixels)


@pytest.mark.parametrize("seed", range(8))
def test_lungs_move_with_their_masks_and_mirroring_keeps_their_order(seed):
    pixels, masks = posed(film(), GRID, np.random.default_rng(seed), strength=0.5)
    inside = masks.sum(0) > 0.99
    assert pixels[inside].mean() == pytest.approx(70 / 255, abs=0.03)
    columns = [np.nonzero(mask > 0.5)[1].mean() for mask in masks]
    assert columns[0] < columns[1]


@pytest.mark.parametrize("seed", range(4))
def test_opacities_only_brighten_the_lungs(seed):
    pixels, masks = (values / np.float32(255) for values in film())
    changed = with_opacities(pixels, masks, np.random.default_rng(seed))
    assert (changed >= pixels).all()
    assert changed.max() <= 1


def test_a_collimator_removes_pixels_and_masks_but_hiding_keeps_the_masks():
    pixels, masks = (values / np.float32(255) for values in film())
    generator = np.random.default_rng(0)
    dark, fewer = collimated(pixels, masks, generator)
    assert (fewer[:, dark == 0] == 0).all()
    hidden = partly_hidden(pixels, generator)
    assert 0.02 < (hidden != pixels).mean() < 0.6
    assert exposed(pixels, generator).shape == pixels.shape


def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "STEPS", 2)
    monkeypatch.setattr(fit, "BATCH", 2)
    monkeypatch.setattr(fit, "SIZE", 64)
    some = [film(seed) for seed in range(3)]

    def trained(cycles: tuple[fit.Cycle, ...], name: str) -> dict:
        monkeypatch.setattr(fit, "CYCLES", cycles)
        return fit.fit([(some, 1.0)], some[:1], tmp_path / name).module.state_dict()

    both = (fit.Cycle(1, 1e-3), fit.Cycle(1, 1e-3, plain=0.5))
    whole = trained(both, "whole.pt")
    trained(both[:1], "parts.pt")
    resumed = trained(both, "parts.pt")
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


def test_dice_is_twice_the_common_area_over_both_areas():
    first, second = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    first[:2], second[1:3] = True, True
    assert fit.dice(first, second) == 0.5
    assert fit.dice(first, first) == 1
    assert fit.dice(first & ~first, second & ~second) == 1
