"""JPEG codestreams: shape, 12 bits, lossless."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom.uid import JPEGBaseline8Bit

from tests.corpus import bt601, colors, dicom, film, jpeg_12_bit, ramp, raster, unit
from tests.io.test_raster import read
from xray.errors import UnreadableImage
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


def without_height(data: bytes, lines: bytes) -> bytes:
    """A JPEG whose frame header has height 0, with other bytes before its end marker."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + b"\0\0" + data[at + 2 : -2] + lines + b"\xff\xd9"


def test_the_height_may_be_behind_the_scan() -> None:
    data = raster(film(), "JPEG")
    moved = without_height(data, b"\xff\xdc\0\x04\0\x40")
    np.testing.assert_array_equal(read(moved, "jpg").pixels, read(data, "jpg").pixels)
    in_dicom = [read(dicom(film(), JPEGBaseline8Bit, stream), "dcm").pixels for stream in (moved, data)]
    np.testing.assert_array_equal(*in_dicom)


@pytest.mark.parametrize("lines", [b"", b"\xff\xdc\0\x04\0\0"])
def test_a_jpeg_without_height_is_named(lines: bytes) -> None:
    with pytest.raises(UnreadableImage, match="JPEG without the height of its picture"):
        read(without_height(raster(film(), "JPEG"), lines), "jpg")


@pytest.mark.parametrize("lossless", [False, True])
def test_of_two_components_the_first_is_shown(lossless: bool) -> None:
    data = imagecodecs.jpeg_encode(np.dstack([film(), 255 - film()]), level=100, lossless=lossless)
    radiograph = read(data, "jpg")
    np.testing.assert_allclose(radiograph.pixels, unit(film()), atol=3 / 255)
    assert radiograph.notes == ("First of two components, whose meaning the JPEG does not define.",)


def test_a_jpeg_of_many_components_is_named() -> None:
    data = bytearray(raster(film(), "JPEG"))
    data[data.index(b"\xff\xc0") + 9] = 5
    with pytest.raises(UnreadableImage, match="JPEG of 5 components with 8 bits, for which there is no"):
        read(bytes(data), "jpg")
