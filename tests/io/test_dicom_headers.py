"""DICOM files whose header is incomplete or disagrees with the pixel data."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset, uid
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from tests.corpus import colors, dataset_of, dicom, film, lut, raster, saved
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.types import Radiograph

DEEP = film().astype(np.uint16) * 16 + 7  # 12 bits
WINDOW = {"WindowCenter": 2048, "WindowWidth": 4096}
EXPECTED = DEEP / np.float32(4095)  # PS3.3 C.11.2.1.2.1: this window shows 0 to 4095
JPEG = raster(film(), "JPEG", quality=95)


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")


def deep(samples: Any = DEEP, bits: int = 12, **elements: Any) -> Dataset:
    return dataset_of(samples, **{"BitsStored": bits, "HighBit": bits - 1, **WINDOW, **elements})


def without(dataset: Dataset, *keywords: str) -> bytes:
    for keyword in keywords:
        delattr(dataset, keyword)
    return saved(dataset)


def assert_shows(data: bytes, expected: Any, note: str = "", tolerance: float = 1e-5) -> None:
    radiograph = read(data)
    np.testing.assert_allclose(radiograph.pixels, expected, atol=tolerance)
    assert any(note in stated for stated in radiograph.notes)


def test_a_file_without_preamble_is_read() -> None:
    whole = saved(deep())
    assert read(whole[128:]).sha256 == read(whole).sha256


def test_a_bare_implicit_data_set_may_begin_with_a_group_length() -> None:
    dataset = deep()
    dataset.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian
    whole = saved(dataset)
    bare = whole[144 + int.from_bytes(whole[140:144], "little") :]
    length = bare.index(b"\x28\0\x02\0")  # the first element of group 0028
    assert_shows(b"\x08\0\0\0\4\0\0\0" + length.to_bytes(4, "little") + bare, EXPECTED)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PhotometricInterpretation", "MONOCHROME2"),
        ("SamplesPerPixel", "1"),
        ("PixelRepresentation", "0"),
        ("BitsStored", "16"),
        ("BitsAllocated", "16"),
        ("HighBit", "11"),
    ],
)
@pytest.mark.parametrize("content", ["", "ZZ", None])
def test_a_missing_or_unreadable_element_gets_its_usual_value_and_a_note(
    keyword: str, value: str, content: str | None
) -> None:
    dataset = deep()
    del dataset[keyword]
    if content is not None:
        dataset.add_new(keyword, "LO", content)
    differs = (keyword, content) == ("PhotometricInterpretation", "ZZ")
    note = f"{keyword} {value} ({'wrong' if differs else 'missing'})"
    assert_shows(saved(dataset), EXPECTED, note)


def test_a_color_film_without_its_color_elements_is_read() -> None:
    data = without(
        dataset_of(colors()), "PhotometricInterpretation", "SamplesPerPixel", "PlanarConfiguration"
    )
    assert_shows(data, read(dicom(colors())).pixels, "SamplesPerPixel 3 (missing)")


def test_a_film_without_its_size_is_refused_by_the_missing_element() -> None:
    for keyword in ("Rows", "Columns"):
        with pytest.raises(UnreadableImage, match=f"without a valid value of {keyword}"):
            read(without(deep(), keyword))


def test_samples_in_the_upper_bits_are_shifted() -> None:
    assert_shows(saved(deep(DEEP << 4, HighBit=15)), EXPECTED, "upper 12 bits")
    signed = (DEEP.astype(np.int16) - 2048) << 4
    data = saved(deep(signed, HighBit=15, WindowCenter=0, WindowWidth=4096))
    assert_shows(data, EXPECTED, "upper 12 bits")


def test_a_high_bit_that_the_samples_contradict_is_ignored() -> None:
    assert_shows(saved(deep(HighBit=15)), EXPECTED, "HighBit in the header is wrong")


def test_more_bits_than_the_header_says_are_kept_with_a_note() -> None:
    data = saved(deep(bits=10))
    assert_shows(data, EXPECTED, "it says 10 bits, the samples need 12")
    assert read(data).bit_depth == 12


def test_overlays_and_missing_signs_in_the_unused_bits_are_removed() -> None:
    overlay = DEEP.copy()
    overlay[::7, ::5] |= 0x3000
    assert_shows(saved(deep(overlay)), EXPECTED)
    signed = (DEEP.astype(np.int16) - 2048) & 0x0FFF
    data = saved(deep(signed, WindowCenter=0))
    assert_shows(data, EXPECTED)


@pytest.mark.parametrize("bits", [0, 17, 40])
def test_an_impossible_number_of_bits_is_replaced(bits: int) -> None:
    assert_shows(saved(deep(BitsStored=bits)), EXPECTED, "BitsStored 16 (wrong)")


def test_8_bits_in_a_header_of_16_are_read_as_8() -> None:
    data = saved(dataset_of(film(), BitsAllocated=16, BitsStored=8, HighBit=7))
    assert_shows(data, film() / 255, "BitsAllocated 8 (wrong)")


def test_packed_pixels_are_named() -> None:
    data = saved(deep(BitsAllocated=12, PixelData=bytes(64 * 48 * 3 // 2)))
    with pytest.raises(UnreadableImage, match="BitsAllocated 12, which is not supported"):
        read(data)


@pytest.mark.parametrize("frames", [2, 0, 9])
def test_the_number_of_frames_may_exceed_what_is_there(frames: int) -> None:
    assert_shows(saved(deep(NumberOfFrames=frames)), EXPECTED, f"wrong: {frames}" if frames else "")
    data = dicom(film(), uid.JPEGBaseline8Bit, JPEG, NumberOfFrames=frames)
    assert_shows(data, film() / 255, f"wrong: {frames}" if frames else "", tolerance=8 / 255)


def test_half_a_frame_is_cut_short_whatever_the_number_of_frames() -> None:
    dataset = deep(NumberOfFrames=2)
    dataset.PixelData = dataset.PixelData[:4000]
    with pytest.raises(UnreadableImage, match="cut short"):
        read(saved(dataset))


JPEG_OF_16_BITS = {"BitsAllocated": 16, "HighBit": 7, "BitsStored": 8}


@pytest.mark.parametrize(
    ("header", "note"),
    [
        (JPEG_OF_16_BITS, "BitsAllocated 8 (wrong)"),
        ({**JPEG_OF_16_BITS, "BitsStored": 12, "HighBit": 11}, "BitsAllocated 8 (wrong)"),
        ({"Rows": 480, "Columns": 640}, "Rows 64 (wrong), Columns 48 (wrong)"),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}, "SamplesPerPixel 1 (wrong)"),
    ],
)
def test_a_codestream_precedes_a_header_that_disagrees(header: dict[str, Any], note: str) -> None:
    assert_shows(dicom(film(), uid.JPEGBaseline8Bit, JPEG, **header), film() / 255, note, tolerance=8 / 255)


def test_a_color_jpeg_in_a_grayscale_header_becomes_luminance() -> None:
    data = dicom(film(), uid.JPEGBaseline8Bit, raster(np.dstack([film()] * 3), "JPEG", quality=95))
    assert_shows(data, film() / 255, "SamplesPerPixel 3 (wrong)", tolerance=8 / 255)


def test_a_codestream_of_more_than_100_megapixels_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xray.io.codestream.decode", lambda *_: pytest.fail("decoded"))
    huge = JPEG.replace(b"\0\x40\0\x30", b"\xea\x60\xea\x60", 1)
    with pytest.raises(UnreadableImage, match="more than 100 megapixels"):
        read(dicom(film(), uid.JPEGBaseline8Bit, huge))


CODESTREAMS = {
    "JPEG": imagecodecs.ljpeg_encode(DEEP, bitspersample=12),
    "JPEG-LS": imagecodecs.jpegls_encode(DEEP),
    "JPEG 2000": imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k", reversible=True),
}


@pytest.mark.parametrize("kind", CODESTREAMS)
@pytest.mark.parametrize(
    "syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless, uid.JPEGBaseline8Bit, uid.JPEG2000]
)
def test_the_kind_of_a_codestream_is_recognized_under_any_transfer_syntax(kind: str, syntax: uid.UID) -> None:
    dataset = deep()
    dataset.PixelData = encapsulate([CODESTREAMS[kind]])
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset["PixelData"].is_undefined_length = True
    agrees = syntax == {"JPEG": uid.JPEGBaseline8Bit, "JPEG 2000": uid.JPEG2000}.get(kind)
    assert_shows(saved(dataset), EXPECTED, "" if agrees else f"but the pixel data is {kind}")


def test_a_codestream_without_fragments_is_read() -> None:
    assert_shows(saved(deep(PixelData=CODESTREAMS["JPEG-LS"])), EXPECTED, "but the pixel data is JPEG-LS")


@pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, uid.JPEG2000, uid.RLELossless])
def test_uncompressed_pixels_under_a_compressed_transfer_syntax_are_read(syntax: uid.UID) -> None:
    data = _with_syntax(saved(deep()), syntax)
    assert_shows(data, EXPECTED, "but the pixel data is uncompressed")


def _with_syntax(data: bytes, syntax: str) -> bytes:
    """A file of uncompressed pixels that names another transfer syntax: pydicom refuses to write one."""
    value = syntax.encode() + b"\0" * (len(syntax) % 2)
    start = data.index(b"\x02\0\x10\0UI")
    end = start + 8 + int.from_bytes(data[start + 6 : start + 8], "little")
    changed = data[:start] + b"\x02\0\x10\0UI" + len(value).to_bytes(2, "little") + value + data[end:]
    length = int.from_bytes(data[140:144], "little") + len(changed) - len(data)
    return changed[:140] + length.to_bytes(4, "little") + changed[144:]


def fragmented(table: bytes, *fragments: bytes) -> bytes:
    items = [b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item for item in (table, *fragments)]
    dataset = dataset_of(film(), uid.JPEGBaseline8Bit, JPEG, NumberOfFrames=1)
    dataset.PixelData = b"".join(items) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return saved(dataset)


EVEN = JPEG + b"\0" * (len(JPEG) % 2)


@pytest.mark.parametrize(
    "offsets", [[], [8], [999_999], [0xFFFFFFFF], [0, 500], [1234, 1234, 1234], [len(JPEG), 0]]
)
@pytest.mark.parametrize("at", [1, 500, 1000])
def test_the_offset_table_is_not_needed(offsets: list[int], at: int) -> None:
    table = b"".join(offset.to_bytes(4, "little") for offset in offsets)
    correct = read(dicom(film(), uid.JPEGBaseline8Bit, JPEG)).sha256
    at = 2 * at
    assert read(fragmented(table, EVEN[:at], EVEN[at:])).sha256 == correct
    assert read(fragmented(table, EVEN)).sha256 == correct


@pytest.mark.parametrize("behind", [bytes(2), bytes(60), bytes(5000), b"\xff" * 40])
def test_bytes_behind_the_end_of_a_codestream_are_ignored(behind: bytes) -> None:
    assert read(fragmented(b"", EVEN + behind)).sha256 == read(fragmented(b"", EVEN)).sha256


def test_a_12_bit_jpeg_whose_scan_header_is_wrong_is_read() -> None:
    stream = imagecodecs.jpeg_encode(DEEP, level=98, bitspersample=12)
    scan = stream.index(b"\xff\xda\0\x08\1")
    assert stream[scan + 8] == 63  # Se of a sequential scan
    wrong = stream[: scan + 8] + b"\0" + stream[scan + 9 :]
    dataset = deep()
    dataset.file_meta.TransferSyntaxUID = uid.JPEGExtended12Bit
    dataset.PixelData = encapsulate([wrong])
    assert_shows(saved(dataset), EXPECTED, tolerance=3 / 255)


def test_rle_of_another_depth_than_the_header_is_read() -> None:
    dataset = dataset_of(DEEP)
    dataset.compress(uid.RLELossless, encoding_plugin="pydicom")
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    radiograph = read(saved(dataset))
    np.testing.assert_allclose(radiograph.pixels, (DEEP - DEEP.min()) / np.ptp(DEEP), atol=1e-5)
    assert any("BitsAllocated 16 (wrong)" in note for note in radiograph.notes)


def functional_groups(window: list[int], spacing: list[float]) -> Sequence:
    frame = Dataset()
    frame.FrameVOILUTSequence, frame.PixelMeasuresSequence = Sequence([Dataset()]), Sequence([Dataset()])
    frame.FrameVOILUTSequence[0].WindowCenter, frame.FrameVOILUTSequence[0].WindowWidth = window
    frame.PixelMeasuresSequence[0].PixelSpacing = spacing
    frame.PixelValueTransformationSequence = Sequence([Dataset()])
    frame.PixelValueTransformationSequence[0].RescaleSlope = 2
    frame.PixelValueTransformationSequence[0].RescaleIntercept = -7
    return Sequence([frame])


@pytest.mark.parametrize("groups", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"])
def test_window_rescale_and_spacing_of_functional_groups_count(groups: str) -> None:
    frame = functional_groups([4089, 8191], [0.2, 0.2])
    dataset = dataset_of(DEEP, BitsStored=12, HighBit=11, **{groups: frame})
    expected = (2.0 * DEEP - 7 - 4088.5) / 8190 + 0.5
    assert_shows(saved(dataset), np.clip(expected, 0, 1), "center 4089, width 8191")
    assert read(saved(dataset)).spacing_mm == (0.2, 0.2)


def test_a_lut_item_without_a_table_gives_way_to_the_window() -> None:
    item = Dataset()
    item.LUTExplanation = "NORMAL"
    assert_shows(saved(deep(VOILUTSequence=Sequence([item]))), EXPECTED, "Windowed")
    both = Sequence([item, *lut([0, 4095], first=2000, bits=12)])
    assert_shows(saved(deep(VOILUTSequence=both)), DEEP > 2000, "VOI LUT applied")


@pytest.mark.parametrize(("bits", "first"), [(16, 0), (8, 0), (0, 0), (12, 0)])
def test_a_lut_of_other_bits_than_its_descriptor_says_spans_its_entries(bits: int, first: int) -> None:
    table = lut(list(range(4096)), first=first, bits=bits)
    note = "" if bits == 12 else f"described with {bits} bits but uses 12"
    assert_shows(saved(deep(VOILUTSequence=table)), EXPECTED, note)
