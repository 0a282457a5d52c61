"""DICOM: every transfer syntax, the grayscale pipeline by hand, frames, color, spacing and view."""

import math
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import Dataset, uid
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_windowing, get_decoder, pixel_array
from pydicom.sequence import Sequence

from tests.corpus import dataset_of, dicom, film, ramp, raster, saved
from xray.errors import UnreadableImage
from xray.io import raster as limits
from xray.io import read_radiograph
from xray.io.dicom import window
from xray.types import Radiograph

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
SHIPPED_FILES = sorted(path for path in SHIPPED.rglob("*") if path.is_file())
INVERTED = "Stored as MONOCHROME1: inverted, so that bright is dense."
OWN_RANGE = "Scaled from its own minimum to its own maximum."
AT_DETECTOR = "Pixel spacing is measured at the detector, not in the body."
PADDED = "Padding around the film shown black."
LINES: Any = np.tile(np.int16([-1000, -160, -60, 39, 40, 239, 240, 3000]), (32, 8))


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")


def shipped(name: str) -> Radiograph:
    return read((SHIPPED / name).read_bytes())


def lut(entries: list[int], first: int, bits: int, vr: str = "US", order: str = "<") -> Sequence:
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if first >= 0 else "SS", [len(entries), first, bits])
    item.add_new("LUTData", vr, entries if vr == "US" else np.array(entries, f"{order}u2").tobytes())
    return Sequence([item])


# transfer syntaxes


def outcome(path: Path) -> Radiograph | UnreadableImage:
    try:
        return read_radiograph(path.read_bytes(), path.name)
    except UnreadableImage as refusal:
        return refusal


@pytest.mark.parametrize(
    "path", SHIPPED_FILES, ids=[str(path.relative_to(SHIPPED)) for path in SHIPPED_FILES]
)
def test_every_file_shipped_with_pydicom_is_read_or_refused_for_a_reason(path: Path) -> None:
    result = outcome(path)
    assert isinstance(result, UnreadableImage) is _holds_no_film(path)
    if isinstance(result, UnreadableImage):
        assert result.message.startswith(f"{path.name} ")
        assert result.hint


def _holds_no_film(path: Path) -> bool:
    """Whether pydicom finds no frame of 32 x 32 pixels either, or the file is one known to be broken."""
    if path.name in ("no_meta.dcm", "JPEG2000-embedded-sequence-delimiter.dcm"):
        return True
    try:
        frame = pixel_array(pydicom.dcmread(path, force=True), index=0)
    except (AttributeError, ValueError, RuntimeError):
        return True
    return min(frame.shape[:2]) < 32


def test_the_transfer_syntaxes_read_are_all_that_radiographs_come_in() -> None:
    films = [path for path in SHIPPED_FILES if isinstance(outcome(path), Radiograph)]
    read_syntaxes = {pydicom.dcmread(path).file_meta.TransferSyntaxUID for path in films}
    assert read_syntaxes >= {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.RLELossless,
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        uid.JPEGLosslessSV1,
        uid.JPEGLSLossless,
        uid.JPEGLSNearLossless,
        uid.JPEG2000Lossless,
        uid.JPEG2000,
    }


@pytest.mark.parametrize(
    "sibling", ["implicit", "bigendian", "expb", "RLE", "jp2klossless", "jpeg_ls_lossless", "padded"]
)
def test_a_losslessly_compressed_file_equals_its_uncompressed_sibling(sibling: str) -> None:
    assert shipped(f"MR_small_{sibling}.dcm").sha256 == shipped("MR_small.dcm").sha256


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("SC_rgb_jpeg_gdcm.dcm", 1e-6),
        ("SC_rgb_rle_16bit.dcm", 1e-6),
        ("SC_rgb_rle_32bit.dcm", 1e-6),
        ("SC_rgb_jpeg_dcmtk.dcm", 0.02),
        ("SC_rgb_jls_lossy_line.dcm", 0.02),
        ("SC_rgb_gdcm_KY.dcm", 0.02),
        ("SC_ybr_full_422_uncompressed.dcm", 0.03),
    ],
)
def test_the_same_color_picture_is_read_alike_from_every_syntax(name: str, tolerance: float) -> None:
    np.testing.assert_allclose(shipped(name).pixels, shipped("SC_rgb_rle.dcm").pixels, atol=tolerance)


def test_a_deflated_file_equals_the_same_file_written_plainly() -> None:
    dataset = pydicom.dcmread(SHIPPED / "image_dfl.dcm")
    plain = dicom(np.frombuffer(dataset.PixelData, np.uint8).reshape(512, 512))
    assert read(plain).sha256 == shipped("image_dfl.dcm").sha256
    assert read(dicom(ramp(), uid.DeflatedExplicitVRLittleEndian)).sha256 == read(dicom(ramp())).sha256


CODECS: dict[str, tuple[str, Any]] = {
    "JPEG Lossless": (uid.JPEGLossless, imagecodecs.ljpeg_encode),
    "JPEG Lossless SV1": (uid.JPEGLosslessSV1, imagecodecs.ljpeg_encode),
    "JPEG-LS": (uid.JPEGLSLossless, imagecodecs.jpegls_encode),
    "JPEG 2000": (
        uid.JPEG2000Lossless,
        lambda samples: imagecodecs.jpeg2k_encode(samples, codecformat="j2k", reversible=True),
    ),
    "HTJ2K": (uid.HTJ2KLossless, lambda samples: imagecodecs.htj2k_encode(samples, reversible=True)),
}


@pytest.mark.parametrize("codec", CODECS)
def test_16_bits_from_another_encoder_are_read_without_loss(codec: str) -> None:
    syntax, encode = CODECS[codec]
    samples = film().astype(np.uint16) * 257
    assert read(dicom(samples, syntax, encode(samples))).sha256 == read(dicom(samples)).sha256


def test_8_bit_jpeg_baseline_agrees_with_pillow() -> None:
    from_dicom = read(
        dicom(film(), uid.JPEGBaseline8Bit, raster(film(), "JPEG"), WindowCenter=128, WindowWidth=256)
    )
    from_jpeg = read_radiograph(raster(film(), "JPEG"), "film.jpg")
    np.testing.assert_allclose(from_dicom.pixels, from_jpeg.pixels, atol=2 / 255)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_cut_codestream_is_refused_and_not_filled_with_gray(codec: str, kept: float) -> None:
    syntax, encode = CODECS[codec]
    whole = encode(film().astype(np.uint16))
    with pytest.raises(UnreadableImage, match="cut short or damaged"):
        read(dicom(film().astype(np.uint16), syntax, whole[: int(len(whole) * kept)]))


@pytest.mark.parametrize("codec", CODECS)
def test_a_codestream_of_another_size_than_the_header_is_never_decoded(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    syntax, encode = CODECS[codec]
    monkeypatch.setattr("xray.io.dicom.pixel_array", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(UnreadableImage, match="damaged"):
        read(dicom(film().astype(np.uint16), syntax, encode(film(640, 480).astype(np.uint16))))


def test_a_deflated_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PIXELS", 3500)
    data = dicom(ramp(), uid.DeflatedExplicitVRLittleEndian, ImageComments="x" * 10_000)
    assert len(data) < 4 * 3500
    with pytest.raises(UnreadableImage, match="claims more than"):
        read(data)


@pytest.mark.parametrize(
    "syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian]
)
def test_a_bare_data_set_is_read_as_if_it_had_preamble_and_meta(syntax: uid.UID) -> None:
    whole = dicom(ramp(), syntax)
    bare = whole[144 + int.from_bytes(whole[140:144], "little") :]
    assert bare[:2] in (b"\x08\x00", b"\x00\x08")
    assert read(bare).sha256 == read(whole).sha256
    assert read(whole[132:]).sha256 == read(whole).sha256


# modality LUT, VOI LUT, window


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


# polarity, padding, frames, color


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
    stored = np.stack([film(), np.full_like(film(), 128), np.full_like(film(), 128)], -1)
    radiograph = read(dicom(stored, PhotometricInterpretation="YBR_FULL"))
    np.testing.assert_allclose(radiograph.pixels, film() / 255, atol=1.5 / 255)


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


# spacing and view


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


def test_the_required_packages_bring_a_decoder_for_every_jpeg_syntax() -> None:
    for syntax in (*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes, *uid.JPEG2000TransferSyntaxes):
        if syntax not in (uid.JPEG2000MCLossless, uid.JPEG2000MC):
            assert get_decoder(syntax).is_available
