"""DICOM: incomplete windows and rescales, padding, polarity, hot pixels and pixels that are not square."""

from typing import Any

import numpy as np
import pytest

from tests.corpus import dataset_of, dicom, film, ramp, saved
from xray.io import read_radiograph
from xray.types import Radiograph

STORED = film().astype(np.uint16) * 16 + 7
BITS = {"BitsStored": 12, "HighBit": 11}
WINDOW = {**BITS, "WindowCenter": 2048, "WindowWidth": 4096}
EXPECTED = STORED / np.float32(4095)


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")


@pytest.mark.parametrize(
    ("center", "width"),
    [
        ("2048\\", "4096\\"),
        ("\\2048", "\\4096"),
        ("2048\\", "4096"),
        ("\\2048", "4096"),
        ("2048,0", "4096,0"),
        ("2048\\x", "4096\\400"),
    ],
)
def test_an_empty_or_unreadable_value_does_not_hide_the_window_that_is_there(center: str, width: str) -> None:
    data = dicom(STORED, **{**WINDOW, "WindowCenter": 1111.0, "WindowWidth": 2222.0})
    for number, text in ((b"1111", center), (b"2222", width)):
        value = text.encode() + b" " * (len(text) % 2)
        data = data.replace(b"DS\6\0" + number + b".0", b"DS" + len(value).to_bytes(2, "little") + value)
    np.testing.assert_allclose(read(data).pixels, EXPECTED, atol=1e-5)
    assert read(data).notes == ("Windowed: center 2048, width 4096.",)


@pytest.mark.parametrize(
    ("rescale", "center", "width"),
    [
        ({"RescaleSlope": 2}, 4095.5, 8191),
        ({"RescaleIntercept": -1000}, 1048, 4096),
        ({"RescaleSlope": 0, "RescaleIntercept": 0}, 2048, 4096),
        ({"RescaleSlope": 0, "RescaleIntercept": -1000}, 1048, 4096),
    ],
)
def test_a_rescale_counts_without_slope_or_intercept_and_without_a_slope_of_0(
    rescale: dict[str, Any], center: float, width: float
) -> None:
    radiograph = read(dicom(STORED, **BITS, WindowCenter=center, WindowWidth=width, **rescale))
    np.testing.assert_allclose(radiograph.pixels, EXPECTED, atol=1e-5)
    ignored = "RescaleSlope or RescaleIntercept in the header is 0 or infinite: ignored."
    assert (ignored in radiograph.notes) is (rescale.get("RescaleSlope") == 0)


def test_monochrome2_with_an_inverse_presentation_lut_is_inverted_once() -> None:
    radiograph = read(dicom(STORED, **WINDOW, PresentationLUTShape="INVERSE"))
    np.testing.assert_allclose(radiograph.pixels, 1 - EXPECTED, atol=1e-5)
    assert radiograph.notes[-1] == "PresentationLUTShape is INVERSE: inverted, so that bright is dense."


@pytest.mark.parametrize(
    ("elements", "bits"),
    [
        ({"PixelPaddingValue": 63536}, 16),
        ({"PixelPaddingValue": 63536, "PixelPaddingRangeLimit": 63540}, 16),
        ({"PixelPaddingValue": 63530, "PixelPaddingRangeLimit": 63540}, 16),
        ({"PixelPaddingValue": 63536}, 12),
    ],
)
def test_padding_of_signed_pixels_may_be_written_unsigned(elements: dict[str, Any], bits: int) -> None:
    stored = STORED.astype(np.int16) // 2 - 1000
    stored[:, :9] = -2000
    inside = stored[:, 9:]
    data = dicom(np.zeros_like(STORED), **elements, BitsStored=bits, HighBit=bits - 1)
    data = data[: -stored.nbytes] + stored.tobytes()
    signed = data.replace(b"\x28\0\x03\x01US\2\0\0\0", b"\x28\0\x03\x01US\2\0\1\0")
    assert signed != data
    radiograph = read(signed)
    assert not radiograph.pixels[:, :9].any()
    np.testing.assert_allclose(radiograph.pixels[:, 9:], (inside - inside.min()) / np.ptp(inside), atol=1e-5)


@pytest.mark.parametrize("vr", ["OW", "UN", "IS", "DS", "LO"])
def test_padding_of_another_value_representation_counts(vr: str) -> None:

    stored = ramp() + np.uint16(500)
    stored[:, :9] = 40
    dataset = dataset_of(stored)
    binary = vr in ("OW", "UN")
    dataset.add_new("PixelPaddingValue", vr, (40).to_bytes(2, "little") if binary else "40")
    inside = stored[:, 9:].astype(float)
    radiograph = read(saved(dataset))
    assert not radiograph.pixels[:, :9].any()
    np.testing.assert_allclose(radiograph.pixels[:, 9:], (inside - inside.min()) / np.ptp(inside), atol=1e-5)


def test_padding_that_covers_the_whole_film_is_ignored_with_a_note() -> None:
    radiograph = read(dicom(STORED, **WINDOW, PixelPaddingValue=0, PixelPaddingRangeLimit=4095))
    np.testing.assert_allclose(radiograph.pixels, EXPECTED, atol=1e-5)
    assert "The padding values in the header cover the whole film: ignored." in radiograph.notes


def test_a_hot_pixel_does_not_make_a_film_black() -> None:
    stored = ramp()
    stored[5, 5] = 65535
    radiograph = read(dicom(stored))
    expected = np.clip(stored / 3071, 0, 1)
    np.testing.assert_allclose(radiograph.pixels, expected, atol=1e-5)
    assert "without 1 outlier." in radiograph.notes[-1]
    beyond = read(dicom(stored, WindowCenter=40000, WindowWidth=1000))
    np.testing.assert_allclose(beyond.pixels, expected, atol=1e-5)
    assert "The window in the file shows nothing of this film." in beyond.notes


def test_8_bits_without_a_window_are_read_like_a_png() -> None:
    radiograph = read(dicom(film()))
    np.testing.assert_allclose(radiograph.pixels, film() / 255, atol=1e-6)
    assert radiograph.notes == ("No window in the file: scaled by 255.",)


@pytest.mark.parametrize(
    ("elements", "shape"),
    [
        ({"PixelSpacing": [0.4, 0.2]}, "2.00 times as high"),
        ({"ImagerPixelSpacing": [0.1, 0.2]}, "2.00 times as wide"),
        ({"PixelAspectRatio": [3, 2]}, "1.50 times as high"),
        ({"PixelAspectRatio": [3, 2], "PixelSpacing": [0.2, 0.2]}, ""),
        ({"PixelAspectRatio": [1, 1]}, ""),
    ],
)
def test_pixels_that_are_not_square_are_noted(elements: dict[str, Any], shape: str) -> None:
    notes = " ".join(read(dicom(ramp(), **elements)).notes)
    assert ("not square" in notes) is bool(shape)
    assert shape in notes
