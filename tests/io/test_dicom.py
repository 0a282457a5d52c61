"""DICOM: polarity, padding, frames, color, spacing and view."""

from typing import Any

import numpy as np
import pytest
from pydicom import uid
from pydicom.encaps import encapsulate

from tests.corpus import dataset_of, dicom, film, lut, ramp, raster, saved
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.types import Radiograph

INVERTED = "Stored as MONOCHROME1: inverted, so that bright is dense."
OWN_RANGE = "Scaled from its own minimum to its own maximum."
AT_DETECTOR = "Pixel spacing is measured at the detector, not in the body."
PADDED = "Padding around the film shown black."


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")


@pytest.mark.parametrize("extra", [{}, {"PresentationLUTShape": "INVERSE"}])
@pytest.mark.parametrize("shown", [{}, {"WindowCenter": 700, "WindowWidth": 900}])
def test_a_monochrome1_film_is_inverted_once(shown: dict[str, Any], extra: dict[str, Any]) -> None:
    upright = read(dicom(ramp(), **shown))
    inverted = read(dicom(ramp(), PhotometricInterpretation="MONOCHROME1", **shown, **extra))
    np.testing.assert_array_equal(inverted.pixels, 1 - upright.pixels)
    assert inverted.notes == (*upright.notes, INVERTED)


def test_a_monochrome1_film_with_a_voi_lut_is_inverted_after_it() -> None:
    stored = np.tile(np.uint16([0, 1, 2, 3]), (32, 16))
    table = lut([0, 51, 102, 255], first=0, bits=8)
    pixels = read(dicom(stored, PhotometricInterpretation="MONOCHROME1", VOILUTSequence=table)).pixels
    np.testing.assert_allclose(pixels[0, :4], [1, 0.8, 0.6, 0], atol=1e-6)


@pytest.mark.parametrize("polarity", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("padding", [0, 65535])
def test_padding_is_black_whatever_the_polarity_and_does_not_stretch_the_range(
    polarity: str, padding: int
) -> None:
    stored = np.full((64, 80), padding, np.uint16)
    stored[8:-8, 8:-8] = ramp(48, 64) + 1000
    radiograph = read(dicom(stored, PhotometricInterpretation=polarity, PixelPaddingValue=padding))
    spread = ramp(48, 64) / (48 * 64 - 1)
    expected = np.zeros((64, 80))
    expected[8:-8, 8:-8] = spread if polarity == "MONOCHROME2" else 1 - spread
    np.testing.assert_allclose(radiograph.pixels, expected, atol=1e-6)
    assert radiograph.notes[-1] == PADDED


def test_a_range_of_padding_values_is_padding_too_also_below_zero() -> None:
    stored = np.tile(np.int16([-2000, -1990, -1980, 0, 100]), (40, 10))
    radiograph = read(dicom(stored, PixelPaddingValue=-2000, PixelPaddingRangeLimit=-1985))
    np.testing.assert_allclose(radiograph.pixels[0, :5], [0, 0, 0, 1980 / 2080, 1], atol=1e-6)


def test_a_padding_value_that_no_pixel_has_is_not_noted() -> None:
    assert read(dicom(ramp(), PixelPaddingValue=60_000)).notes == (OWN_RANGE,)


def test_of_several_frames_the_first_is_shown_and_noted() -> None:
    frames = np.stack([ramp(), ramp()[::-1]])
    data = dicom(ramp(), NumberOfFrames=2, PixelData=frames.tobytes())
    assert read(data).sha256 == read(dicom(ramp())).sha256
    assert read(data).notes[0] == "First of 2 frames."


def test_only_the_first_frame_is_decoded() -> None:
    jpeg = raster(film(), "JPEG")
    broken_second = encapsulate([jpeg, b"\xff\xd8" + bytes(50)])
    data = dicom(film(), uid.JPEGBaseline8Bit, jpeg, NumberOfFrames=2, PixelData=broken_second)
    assert read(data).sha256 == read(dicom(film(), uid.JPEGBaseline8Bit, jpeg)).sha256


@pytest.mark.parametrize(
    ("color", "weight"), [([255, 0, 0], 0.299), ([0, 255, 0], 0.587), ([0, 0, 255], 0.114)]
)
def test_rgb_becomes_luminance_and_is_noted(color: list[int], weight: float) -> None:
    stored = np.zeros((64, 48, 3), np.uint8)
    stored[:, 24:] = color
    for planar in (0, 1):
        native = stored if planar == 0 else np.moveaxis(stored, -1, 0)
        radiograph = read(dicom(stored, PlanarConfiguration=planar, PixelData=native.tobytes()))
        np.testing.assert_allclose(radiograph.pixels[0, [0, -1]], [0, weight], atol=1e-6)
        assert radiograph.notes == ("Color reduced to luminance (ITU-R BT.601).",)


def test_the_luminance_of_ybr_is_its_y() -> None:
    stored = np.stack([film(), np.full_like(film(), 90), np.full_like(film(), 140)], -1)
    radiograph = read(dicom(stored, PhotometricInterpretation="YBR_FULL"))
    np.testing.assert_allclose(radiograph.pixels, film() / 255, atol=1e-6)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_is_looked_up_before_luminance(bits: int) -> None:
    full = 2**bits - 1
    tables = {"Red": [0, full, 0, 0], "Green": [0, 0, full, 0], "Blue": [0, 0, 0, full]}
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for color, entries in tables.items():
        elements[f"{color}PaletteColorLookupTableDescriptor"] = [4, 0, bits]
        elements[f"{color}PaletteColorLookupTableData"] = np.array(entries, f"<u{bits // 8}").tobytes()
    radiograph = read(dicom(np.tile(np.uint8([0, 1, 2, 3]), (32, 16)), **elements))
    np.testing.assert_allclose(radiograph.pixels[0, :4], [0, 0.299, 0.587, 0.114], atol=1e-6)
    assert radiograph.notes == ("Color reduced to luminance (ITU-R BT.601).",)


@pytest.mark.parametrize(
    ("bits", "entries", "dtype", "full"),
    [
        (12, np.arange(256) * 16, "<u2", 4095),
        (8, np.arange(256), "<u2", 255),
        (16, np.arange(200) * 256, "<u2", 65535),
        (16, np.arange(256), "u1", 255),
    ],
    ids=["12 bits", "8 bits in words", "fewer entries than declared", "bytes for words"],
)
def test_a_palette_of_any_depth_and_length_is_read(bits: int, entries: Any, dtype: str, full: int) -> None:
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for color in ("Red", "Green", "Blue"):
        elements[f"{color}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        elements[f"{color}PaletteColorLookupTableData"] = entries.astype(dtype).tobytes()
    pixels = read(dicom(film(), **elements)).pixels
    np.testing.assert_allclose(pixels, entries[np.minimum(film(), len(entries) - 1)] / full, atol=1e-6)


def test_indices_without_a_complete_palette_are_gray_with_a_note() -> None:
    radiograph = read(dicom(film(), PhotometricInterpretation="PALETTE COLOR"))
    np.testing.assert_allclose(radiograph.pixels, film() / 255, atol=1e-6)
    elements: dict[str, Any] = {
        f"{color}PaletteColorLookupTableDescriptor": [256, 0, 8] for color in ("Red", "Green", "Blue")
    }
    radiograph = read(dicom(film(), PhotometricInterpretation="PALETTE COLOR", **elements))
    np.testing.assert_allclose(radiograph.pixels, film() / 255, atol=1e-6)
    assert radiograph.notes[0] == "Header corrected: PhotometricInterpretation MONOCHROME2 (wrong)."


def test_pixel_data_on_a_server_and_jpeg_xl_are_named() -> None:
    with pytest.raises(UnreadableImage, match="pixel data is on a server"):
        read(dicom(None, uid.UID("1.2.840.10008.1.2.4.94"), Rows=64, Columns=48))
    data = dicom(film(), uid.MPEG2MPML, b"\xff\x0a" + bytes(98))  # pydicom writes no JPEG XL
    with pytest.raises(UnreadableImage, match="compressed as JPEG XL, for which no decoder"):
        read(data.replace(b"1.2.840.10008.1.2.4.100", b"1.2.840.10008.1.2.4.112"))


def test_float_pixel_data_spans_its_own_range_and_must_be_numbers() -> None:
    samples = film().astype(np.float32) / 7 - 3
    expected = (samples - samples.min()) / np.ptp(samples)
    dataset = dataset_of(film(), BitsAllocated=32, FloatPixelData=samples.tobytes())
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, keyword)
    radiograph = read(saved(dataset))
    np.testing.assert_allclose(radiograph.pixels, expected, atol=1e-6)
    assert radiograph.bit_depth == 32

    samples[3, 3] = np.nan
    dataset.FloatPixelData = samples.tobytes()
    with pytest.raises(UnreadableImage, match="not numbers"):
        read(saved(dataset))


@pytest.mark.parametrize(
    ("elements", "spacing", "at_detector"),
    [
        ({"PixelSpacing": [0.2, 0.1]}, (0.2, 0.1), False),
        ({"ImagerPixelSpacing": [0.16, 0.15]}, (0.16, 0.15), True),
        ({"PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.25, 0.125]}, (0.2, 0.1), False),
        ({"PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.2, 0.1]}, (0.2, 0.1), True),
        ({"PixelSpacing": [0, 0.1]}, None, False),
        ({"PixelSpacing": [0.1]}, None, False),
        ({}, None, False),
    ],
)
def test_spacing_is_the_calibrated_one_or_the_detectors_with_a_note(
    elements: dict[str, Any], spacing: tuple[float, float] | None, at_detector: bool
) -> None:
    radiograph = read(dicom(ramp(), **elements))
    assert radiograph.spacing_mm == spacing
    assert (AT_DETECTOR in radiograph.notes) is at_detector


@pytest.mark.parametrize(
    ("stored", "view"),
    [("PA", "PA"), ("AP", "AP"), ("LL", "LL"), ("DOE JANE 1970", None), ("", None), ("X7", None)],
)
def test_view_is_kept_only_where_it_is_a_known_code_word(stored: str, view: str | None) -> None:
    assert read(dicom(ramp(), ViewPosition=stored)).view == view
