"""Codestreams that disagree with the DICOM header or the offset table."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom import uid
from pydicom.encaps import encapsulate, generate_frames

from tests.corpus import colors, dataset_of, dicom, film, raster, saved
from tests.io.test_dicom_headers import DEEP, EXPECTED, JPEG, assert_shows, deep, read
from xray.errors import UnreadableImage
from xray.io.dicom_rle import decode_rle

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


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2"])
def test_rle_segments_hold_the_bytes_of_a_sample(dtype: str) -> None:
    samples = np.random.default_rng(5).integers(0, 2**7, (40, 50, np.dtype(dtype).itemsize), np.uint8)
    samples[::3] = 9
    values = samples.view(dtype)[..., 0]
    frame = rle_frame(values)
    np.testing.assert_array_equal(decode_rle(frame, 40, 50, 1, dtype[0] == "i"), values)
    assert decode_rle(frame + bytes(99), 40, 50, 1, False).shape == (40, 50)
    with pytest.raises((EOFError, RuntimeError)):
        decode_rle(frame[:-3], 40, 50, 1, False)


def test_rle_of_colors_is_read_plane_by_plane() -> None:
    np.testing.assert_array_equal(decode_rle(rle_frame(colors()), 64, 48, 3, False), colors())


def rle_frame(samples: Any) -> bytes:
    dataset = dataset_of(samples)
    dataset.compress(uid.RLELossless, encoding_plugin="pydicom")
    return next(generate_frames(dataset.PixelData))
