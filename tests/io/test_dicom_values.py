"""DICOM: rescale, windows and LUTs, by hand and against pydicom."""

import math
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, uid
from pydicom.pixels import apply_windowing
from pydicom.sequence import Sequence

from tests.corpus import dataset_of, dicom, lut, ramp
from xray.io import read_radiograph
from xray.io.dicom_values import window
from xray.types import Radiograph

OWN_RANGE = "Scaled from its own minimum to its own maximum."
LINES: Any = np.tile(np.int16([-1000, -160, -60, 39, 40, 239, 240, 3000]), (32, 8))


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")


@pytest.mark.parametrize(
    ("function", "center", "width", "value", "expected"),
    [
        ("LINEAR", 2048, 4096, 0, 0.0),  # PS3.3 C.11.2.1.2.1, note 3: c = 2048, w = 4096
        ("LINEAR", 2048, 4096, 1024, (1024 - 2047.5) / 4095 + 0.5),
        ("LINEAR", 2048, 4096, 4095, 1.0),
        ("LINEAR", 40, 400, -160, 0.0),
        ("LINEAR", 40, 400, -60, (-60 - 39.5) / 399 + 0.5),
        ("LINEAR", 40, 400, 239, 1.0),
        ("LINEAR", 40, 1, 39, 0.0),  # "x <= c - 0.5": black
        ("LINEAR", 40, 1, 39.5, 0.0),
        ("LINEAR", 40, 1, 40, 1.0),
        (None, 40, 400, -60, (-60 - 39.5) / 399 + 0.5),
        ("LINEAR_EXACT", 10, 20, 0, 0.0),
        ("LINEAR_EXACT", 10, 20, 5, 0.25),
        ("LINEAR_EXACT", 10, 20, 20, 1.0),
        ("LINEAR_EXACT", 10, 0.5, 10.125, 0.75),
        ("SIGMOID", 10, 20, 10, 0.5),
        ("SIGMOID", 10, 20, 15, 1 / (1 + math.exp(-1))),
        ("SIGMOID", 10, 20, -1e9, 0.0),
    ],
)
def test_a_window_follows_the_formula_of_the_standard(
    function: str, center: float, width: float, value: float, expected: float
) -> None:
    assert window(np.array([value]), center, width, function)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (2.5, -1000)])
def test_rescale_and_window_agree_with_pydicom(function: str, slope: float, intercept: float) -> None:
    elements = {"RescaleSlope": slope, "RescaleIntercept": intercept, "VOILUTFunction": function}
    elements |= {"WindowCenter": 1500, "WindowWidth": 2000}
    dataset = dataset_of(ramp(), **elements)
    shown = apply_windowing(ramp() * slope + intercept, dataset)
    low, high = intercept, 65535 * slope + intercept
    np.testing.assert_allclose(
        read(dicom(ramp(), **elements)).pixels, (shown - low) / (high - low), atol=1e-6
    )


def test_the_window_counts_in_rescaled_units() -> None:
    radiograph = read(dicom(LINES, RescaleSlope=1, RescaleIntercept=0, WindowCenter=40, WindowWidth=400))
    expected = [0, 0, (-60 - 39.5) / 399 + 0.5, (39 - 39.5) / 399 + 0.5, (40 - 39.5) / 399 + 0.5, 1, 1, 1]
    np.testing.assert_allclose(radiograph.pixels[0, :8], expected, atol=1e-6)
    assert radiograph.notes == ("Windowed: center 40, width 400.",)

    moved = dicom(
        LINES + np.int16(500), RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=79.5, WindowWidth=799
    )
    np.testing.assert_allclose(read(moved).pixels[0, :8], expected, atol=1e-6)


def test_of_several_windows_the_first_is_applied_and_noted() -> None:
    several = read(dicom(LINES, WindowCenter=[40, 900], WindowWidth=[400, 2000]))
    assert several.sha256 == read(dicom(LINES, WindowCenter=40, WindowWidth=400)).sha256
    assert several.notes == ("First of 2 windows: center 40, width 400.",)


@pytest.mark.parametrize(
    ("center", "width"), [(40, 0), (40, 0.5), (40, -300), (90_000, 200), ("", 100), (100, "")]
)
def test_a_window_that_shows_nothing_gives_way_to_the_films_own_range(center: Any, width: Any) -> None:
    radiograph = read(dicom(LINES, WindowCenter=center, WindowWidth=width))
    np.testing.assert_allclose(radiograph.pixels[0, :8], (LINES[0, :8] + 1000) / 4000, atol=1e-6)
    assert radiograph.notes[-1] == OWN_RANGE


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_a_window_narrower_than_1_is_a_window_unless_it_is_linear(function: str) -> None:
    radiograph = read(dicom(LINES, WindowCenter=39.5, WindowWidth=0.5, VOILUTFunction=function))
    np.testing.assert_allclose(radiograph.pixels[0, :8], [0, 0, 0, 0, 1, 1, 1, 1], atol=0.02)
    assert radiograph.notes == ("Windowed: center 39.5, width 0.5.",)


def test_without_a_window_the_rescaled_values_span_their_own_range() -> None:
    radiograph = read(dicom(LINES, RescaleSlope=-1, RescaleIntercept=7))
    np.testing.assert_allclose(radiograph.pixels[0, :8], 1 - (LINES[0, :8] + 1000) / 4000, atol=1e-6)
    assert radiograph.notes == (OWN_RANGE,)


def test_a_16_bit_dicom_ramp_keeps_its_65536_levels() -> None:
    radiograph = read(dicom(ramp(256, 256)))
    np.testing.assert_array_equal(np.rint(radiograph.pixels * 65535), ramp(256, 256))
    assert len(np.unique(radiograph.pixels)) == 65536
    assert radiograph.bit_depth == 16


def test_bit_depth_is_what_the_source_stores_and_not_what_it_allocates() -> None:
    assert read(dicom(ramp() % 4096, BitsStored=12, HighBit=11)).bit_depth == 12


@pytest.mark.parametrize(
    "syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian]
)
@pytest.mark.parametrize("vr", ["US", "OW"])
def test_a_voi_lut_is_looked_up_from_its_first_value_and_spans_its_bits(syntax: uid.UID, vr: str) -> None:
    order = ">" if syntax == uid.ExplicitVRBigEndian else "<"
    stored = np.tile(np.uint16([0, 9, 10, 11, 12, 13, 14, 60000]), (32, 8))
    table = lut([0, 100, 900, 1023], first=10, bits=10, vr=vr, order=order)
    radiograph = read(dicom(stored, syntax, VOILUTSequence=table, WindowCenter=12, WindowWidth=2))
    np.testing.assert_allclose(
        radiograph.pixels[0, :8] * 1023, [0, 0, 0, 100, 900, 1023, 1023, 1023], atol=1e-3
    )
    assert radiograph.notes == ("VOI LUT applied.",)


def test_a_voi_lut_of_8_bit_entries_may_be_packed_two_to_a_word() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4, 0, 8])
    item.add_new("LUTData", "OW", bytes([0, 51, 102, 255]))
    stored = np.tile(np.uint16([0, 1, 2, 3]), (32, 16))
    pixels = read(dicom(stored, VOILUTSequence=Sequence([item]))).pixels
    np.testing.assert_allclose(pixels[0, :4], [0, 0.2, 0.4, 1], atol=1e-6)


def test_the_modality_lut_comes_before_the_voi_lut() -> None:
    stored = np.tile(np.uint16([0, 1, 2, 3]), (32, 16))
    modality = lut([30, 20, 10, 0], first=0, bits=16)
    voi = lut([0, 255, 51], first=9, bits=8)
    both = read(dicom(stored, ModalityLUTSequence=modality, VOILUTSequence=voi)).pixels
    np.testing.assert_allclose(both[0, :4], [0.2, 0.2, 1.0, 0.0], atol=1e-6)
    windowed = read(dicom(stored, ModalityLUTSequence=modality, WindowCenter=15.5, WindowWidth=21)).pixels
    np.testing.assert_allclose(windowed[0, :4], [1.0, 0.75, 0.25, 0.0], atol=1e-6)


def test_of_several_voi_luts_the_first_is_applied_and_noted() -> None:
    tables = Sequence([*lut([0, 255], 1000, 8), *lut([255, 0], 1000, 8)])
    radiograph = read(dicom(ramp(), VOILUTSequence=tables))
    np.testing.assert_array_equal(radiograph.pixels, ramp() > 1000)
    assert radiograph.notes == ("First of 2 VOI LUTs applied.",)
