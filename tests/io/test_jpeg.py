"""JPEG codestreams: shape, 12 bits, lossless."""

from typing import Any

import imagecodecs
import numpy as np
import pytest

from tests.corpus import bt601, colors, film, jpeg_12_bit, ramp, raster, unit
from tests.io.test_raster import read
from xray.io.jpeg import codestream_shape


@pytest.mark.parametrize(
    ("encode", "shape"),
    [
        (lambda: raster(film(), "JPEG"), (64, 48, 1)),
        (lambda: raster(colors(), "JPEG", progressive=True), (64, 48, 3)),
        (lambda: imagecodecs.jpegls_encode(ramp(64, 48)), (64, 48, 1)),
        (lambda: imagecodecs.ljpeg_encode(ramp(64, 48)), (64, 48, 1)),
        (lambda: imagecodecs.jpeg2k_encode(colors(), codecformat="j2k"), (64, 48, 3)),
        (lambda: imagecodecs.jpeg2k_encode(film(), codecformat="jp2"), (64, 48, 1)),
    ],
)
def test_the_shape_of_a_codestream_is_read_from_its_header(encode: Any, shape: tuple[int, int, int]) -> None:
    assert codestream_shape(encode()) == shape


def test_a_thumbnail_in_a_jpeg_header_is_not_taken_for_its_shape() -> None:
    thumbnail = b"Exif\0\0" + raster(film(40, 40), "JPEG")
    assert codestream_shape(raster(film(), "JPEG", exif=thumbnail)) == (64, 48, 1)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("color", [True, False])
def test_a_jpeg_of_12_bits_keeps_its_depth(lossless: bool, color: bool) -> None:
    samples = film().astype(np.uint16) * 16
    picture = np.dstack([samples] * 3) if color else samples
    radiograph = read(jpeg_12_bit(picture, lossless=lossless, level=100), "jpg")
    np.testing.assert_allclose(radiograph.pixels, unit(samples, 4095), atol=0 if lossless else 3 / 255)
    assert (radiograph.bit_depth, radiograph.notes) == (12, ())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(imagecodecs.jpegls_encode(ramp(64, 64)), id="JPEG-LS"),
        pytest.param(imagecodecs.ljpeg_encode(ramp(64, 64), bitspersample=12), id="lossless JPEG"),
        pytest.param(imagecodecs.jpeg_encode(ramp(64, 64), lossless=True, bitspersample=12), id="libjpeg"),
    ],
)
def test_a_lossless_jpeg_is_exact(data: bytes) -> None:
    radiograph = read(data, "jpg")
    np.testing.assert_array_equal(radiograph.pixels, unit(ramp(64, 64), 4095))


def test_a_lossless_jpeg_of_8_bits_and_jpeg_ls_in_color_are_exact() -> None:
    gray = read(imagecodecs.jpeg_encode(film(), lossless=True), "jpg")
    np.testing.assert_array_equal(gray.pixels, unit(film()))
    color = read(imagecodecs.jpegls_encode(colors()), "jls")
    np.testing.assert_allclose(color.pixels, bt601(colors()), atol=1e-6)
