"""The bundled lung network on simulated films with known lungs, and without its weights."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from xray.imaging.phantom import chest_phantom, limb_phantom
from xray.imaging.transforms import downsample, move
from xray.models.lungs import LUNGS, find_lungs, shows_lungs
from xray.models.registry import entry, registry_file, segmentation_entry
from xray.settings import settings
from xray.train.lungs.films import aerated

PERSON = 20  # not among the seeds of the training films


@pytest.fixture(scope="module")
def phantom():
    return chest_phantom(PERSON, size=(256, 256))


def overlap(found, truth) -> float:
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


def lungs_mask(lungs, shape):
    height, width = lungs.zones.shape
    rows = (np.arange(shape[0]) * height // shape[0])[:, None]
    return lungs.zones[rows, np.arange(shape[1]) * width // shape[1]]


def test_the_lungs_of_a_simulated_chest_are_found_on_their_sides(phantom):
    lungs = find_lungs(phantom.radiograph)
    assert lungs.determined, lungs.problem
    zones = lungs_mask(lungs, phantom.radiograph.pixels.shape)
    for number, truth in enumerate(aerated(phantom) > 0):
        assert overlap((zones > 3 * number) & (zones <= 3 * number + 3), truth) > 0.9


@pytest.mark.parametrize(
    "changed",
    [
        lambda pixels: downsample(pixels, 128).pixels,
        lambda pixels: move(pixels, degrees=8, across=0.05, factor=0.8, fill=0.0).pixels,
        lambda pixels: 0.3 + 0.4 * pixels,
    ],
    ids=["128 px", "posed", "low contrast"],
)
def test_they_are_found_on_changed_films_too(phantom, changed):
    assert find_lungs(replace(phantom.radiograph, pixels=changed(phantom.radiograph.pixels))).determined


def test_a_limb_and_an_empty_film_have_no_lungs(phantom):
    limb = limb_phantom(1, size=(256, 160)).radiograph
    flat = replace(phantom.radiograph, pixels=np.full((64, 64), 0.5, np.float32))
    for film in (limb, flat):
        assert find_lungs(film).problem


def test_only_models_of_chest_films_show_lungs():
    assert shows_lungs(entry("pneumonia-mobilenet"))
    assert not shows_lungs(entry("fracture-yolov8n"))
    assert not shows_lungs(entry("region-densenet121"))


def test_the_weights_are_small_and_match_their_hash_and_altered_ones_are_not_used(
    phantom, tmp_path, monkeypatch
):
    weights = settings().weights_dir / segmentation_entry(LUNGS).weights
    assert weights.stat().st_size < 1_000_000
    content = registry_file().read_text(encoding="utf-8")
    shutil.copy(weights, tmp_path)
    (tmp_path / "registry.toml").write_text(content.replace(segmentation_entry(LUNGS).sha256, "0" * 64))
    monkeypatch.setenv("XRAY_WEIGHTS_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        assert find_lungs(phantom.radiograph).problem == (
            f"{LUNGS}.safetensors is not the file that the registry names."
        )
        (tmp_path / "registry.toml").write_text("")
        assert "no segmentation network" in find_lungs(phantom.radiograph).problem
    finally:
        monkeypatch.undo()
        settings.cache_clear()
