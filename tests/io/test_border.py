"""Plain borders are cropped and noted; margins and limbs on a bright ground are not."""

import numpy as np
import pytest

from tests.corpus import film, raster, unit
from tests.io.test_raster import read
from xray.imaging.phantom import simulated_samples
from xray.io.border import plain_border


def chest() -> np.ndarray:
    return simulated_samples()[0].build().radiograph.pixels


@pytest.mark.parametrize("gray", [255, 128, 40])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_added_border_is_cropped_and_noted(gray, kind):
    samples = np.rint(chest() * 255).astype(np.uint8)
    widths = ((16, 24), (32, 8))
    framed = read(raster(np.pad(samples, widths, constant_values=gray), kind), kind.lower())
    plain = read(raster(samples, kind), kind.lower())
    rows, columns = samples.shape
    assert abs(framed.pixels.shape[0] - rows) <= 2
    assert abs(framed.pixels.shape[1] - columns) <= 2
    if kind == "PNG" and gray != 128:
        np.testing.assert_array_equal(framed.pixels, plain.pixels)
        assert framed.notes == ("Plain border cropped: 32 px left, 16 px top, 8 px right, 24 px bottom.",)


def test_bars_on_two_opposite_sides_are_a_border():
    assert plain_border(np.pad(chest(), ((0, 0), (20, 30)), constant_values=1)) == (0, 0, 20, 30)
    assert plain_border(np.pad(chest(), ((0, 0), (0, 30)), constant_values=1)) == (0, 0, 0, 0)


def test_a_black_margin_is_part_of_the_film():
    assert plain_border(np.pad(chest(), 20)) == (0, 0, 0, 0)
    radiograph = read(raster(np.pad(film(), 8), "PNG"))
    np.testing.assert_array_equal(radiograph.pixels, unit(np.pad(film(), 8)))


def test_a_limb_on_a_bright_ground_is_not_cropped_to_its_bounding_box():
    rows, columns = np.mgrid[:200, :200]
    limb = np.where((rows - 100) ** 2 / 80**2 + (columns - 100) ** 2 / 30**2 < 1, 0.4, 1).astype(np.float32)
    assert plain_border(limb) == (0, 0, 0, 0)


def test_a_film_without_border_is_unchanged():
    assert plain_border(chest()) == (0, 0, 0, 0)


def test_one_side_of_the_film_may_have_the_gray_of_the_border():
    film = chest().copy()
    film[:20] = 1
    framed = np.pad(film, ((30, 30), (20, 20)), constant_values=1)
    assert plain_border(framed) == (50, 30, 20, 20)
