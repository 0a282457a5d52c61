"""The color of the source: real colors and overlays count, tints, letters and outlines do not."""

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageDraw
from skimage import data

from tests.corpus import raster
from tests.io.test_raster import read
from xray.imaging.phantom import simulated_samples
from xray.io.color import color_of
from xray.render.overlay import COLORMAPS, Drawing, overlay


def gray(channels: int = 3) -> np.ndarray:
    """A simulated chest, uint8 (H, W, channels)."""
    film = np.rint(simulated_samples()[0].build().radiograph.pixels * 255).astype(np.uint8)
    return np.stack([film] * channels, -1)


def heat(size: tuple[int, int], sigma: float) -> np.ndarray:
    rows, columns = np.mgrid[: size[0], : size[1]] / np.reshape(size, (2, 1, 1))
    return np.exp(-((rows - 0.4) ** 2 + (columns - 0.3) ** 2) / (2 * sigma**2)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_gray_film_is_gray(channels):
    assert color_of(gray(channels)) == "gray"


@pytest.mark.parametrize("tint", [(1.0, 0.95, 0.8), (0.7, 0.85, 1.0), (0.94, 0.75, 0.58)])
def test_a_tinted_film_is_gray(tint):
    assert color_of((gray() * np.array(tint)).astype(np.uint8)) == "gray"


def test_colored_letters_and_outlines_do_not_count():
    picture = Image.fromarray(gray())
    pen = ImageDraw.Draw(picture)
    pen.text((30, 30), "R", (255, 0, 0), font_size=60)
    pen.rectangle((100, 100, 400, 300), outline=(0, 255, 0), width=4)
    pen.line((50, 400, 300, 300), (255, 255, 0), 5)
    assert color_of(np.asarray(picture)) == "gray"


@pytest.mark.parametrize("colormap", COLORMAPS)
@pytest.mark.parametrize("sigma", [0.1, 0.2])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_heatmap_over_a_film_is_recognized(colormap, sigma, kind):
    film = gray()[..., 0].astype(np.float32) / 255
    drawn = overlay(film, heat(film.shape, sigma), Drawing(colormap=colormap))
    assert read(raster(drawn, kind), kind.lower()).color == "partly colored"


@pytest.mark.parametrize("picture", ["astronaut", "coffee", "rocket"])
def test_a_photograph_is_colored(picture):
    assert color_of(getattr(data, picture)()) == "colored"


@pytest.mark.parametrize("color", [(0, 200, 0), (0, 60, 0), (200, 30, 30), (20, 20, 240)])
def test_one_plain_color_is_colored(color):
    noise = np.random.default_rng(0).normal(0, 2, (200, 300, 3))
    picture = (np.array(color) + noise).clip(0, 255).astype(np.uint8)
    for kind in ("PNG", "TIFF", "BMP", "WebP", "JPEG"):
        assert read(raster(picture, kind), kind.lower()).color == "colored"


def test_the_depth_of_the_samples_does_not_matter():
    picture = data.astronaut()
    assert color_of(picture.astype(np.uint16) * 257) == color_of(picture / 255.0) == "colored"


def test_a_color_dicom_file_is_colored():
    path = pydicom.data.get_testdata_file("examples_palette.dcm")
    with open(path, "rb") as file:
        assert read(file.read(), "dcm").color == "colored"
