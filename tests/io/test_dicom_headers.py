"""DICOM files whose header is incomplete or disagrees with the pixel data."""

from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, uid
from pydicom.sequence import Sequence

from tests.corpus import bt601, colors, dataset_of, dicom, film, lut, raster, saved
from tests.corpus.good_files import rle
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


@pytest.mark.parametrize("bits", [12, 16])
def test_samples_without_sign_are_read_so_whatever_pixel_representation_says(bits: int) -> None:
    samples = DEEP if bits == 12 else film().astype(np.uint16) * 257
    window = {"WindowCenter": 2 ** (bits - 1), "WindowWidth": 2**bits}
    data = saved(deep(samples, bits, PixelRepresentation=1, **window))
    assert_shows(data, samples / np.float32(2**bits - 1), "PixelRepresentation in the header is wrong")
    assert read(data).bit_depth == bits


def test_8_bits_without_sign_are_read_so_whatever_pixel_representation_says() -> None:
    for data in (dicom(film(), PixelRepresentation=1), rle(film(), PixelRepresentation=1)):
        assert_shows(data, film() / 255, "PixelRepresentation in the header is wrong")
    data = dicom(film(), uid.JPEGBaseline8Bit, JPEG, PixelRepresentation=1)
    assert_shows(data, film() / 255, "PixelRepresentation in the header is wrong", tolerance=8 / 255)
    assert_shows(dicom(colors(), PixelRepresentation=1), bt601(colors()), "PixelRepresentation 0 (wrong)")


@pytest.mark.parametrize("lowest", [-32768, -2000, -1])
def test_samples_with_sign_keep_it(lowest: int) -> None:
    signed = DEEP.astype(np.int16) - (0 if lowest == -32768 else 2048)
    signed[:, :5] = lowest
    radiograph = read(dicom(signed, WindowCenter=0, WindowWidth=65536))
    np.testing.assert_allclose(radiograph.pixels, (signed + 32768.0) / 65535, atol=1e-5)
    assert not any("PixelRepresentation" in note for note in radiograph.notes)


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


@pytest.mark.parametrize(
    ("elements", "note"),
    [
        ({"Modality": "DX", "ViewPosition": "PA", "BodyPartExamined": "CHEST"}, ""),
        ({"ViewPosition": "LL", "BodyPartExamined": "CHEST"}, "a lateral view"),
        ({"ViewPosition": "LATERAL"}, "a lateral view"),
        ({"ViewPosition": "LL", "BodyPartExamined": "HAND"}, ""),
        ({"Modality": "Doe^Jane", "BodyPartExamined": "Doe^Jane"}, ""),
    ],
)
def test_a_lateral_chest_is_noted(elements: dict[str, str], note: str) -> None:
    notes = [one for one in read(dicom(film(), **elements)).notes if "The header names" in one]
    assert len(notes) == bool(note)
    assert all(note in one for one in notes)


@pytest.mark.parametrize(("modality", "kept"), [("CT", "CT"), ("us", "US"), ("DX", ""), ("Doe^Jane", "")])
def test_only_a_modality_without_radiographs_is_kept(modality: str, kept: str) -> None:
    assert read(dicom(film(), Modality=modality)).modality == kept
