"""Bytes before and behind an image, and images without their last bytes."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from tests.corpus import Samples, colors, dicom, film, raster, tiff, unit
from tests.corpus.good_files import DEEP, rle
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.types import Radiograph

NO_END = "The end marker of the JPEG is missing, but its picture is complete."
NOISE = (film(96, 96) // 2 + np.random.default_rng(3).integers(0, 99, (96, 96))).astype(np.uint8)


def read(data: bytes, name: str = "film") -> Radiograph:
    return read_radiograph(data, name)


@pytest.mark.parametrize(
    "before",
    [bytes(16), b"\n", b"\xef\xbb\xbf\r\n", bytes(128), b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", b"\xff" * 500],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WebP", "DICOM"])
def test_bytes_before_an_image_are_skipped_with_a_note(kind: str, before: bytes) -> None:
    image = dicom(film()) if kind == "DICOM" else raster(film(), kind)
    radiograph = read(before + image)
    assert radiograph.sha256 == read(image).sha256
    number = f"{len(before)} byte{'s' if len(before) > 1 else ''}"
    assert radiograph.notes[-1] == f"{number} before the image ignored."


def test_the_pages_of_a_tiff_are_found_behind_other_bytes() -> None:
    image = tiff(film(), rowsperstrip=8, compression="zlib", byteorder=">", bigtiff=True)
    np.testing.assert_array_equal(read(bytes(3) + image).pixels, unit(film()))


def test_an_image_far_behind_other_bytes_is_not_looked_for() -> None:
    with pytest.raises(UnreadableImage, match="not an image in a known format"):
        read(bytes(2000) + raster(film(), "JPEG"))


DICOM_FILES = {
    "explicit": dicom(DEEP),
    "implicit": dicom(DEEP, uid.ImplicitVRLittleEndian),
    "big-endian": dicom(DEEP, uid.ExplicitVRBigEndian),
    "deflated": dicom(DEEP, uid.DeflatedExplicitVRLittleEndian),
    "RLE": rle(DEEP),
    "JPEG": dicom(film(), uid.JPEGBaseline8Bit, raster(film(), "JPEG")),
}
TRAILERS = [
    b"\xff" * 40,
    bytes(40),
    b"\xff" * 5000,
    b"<html>not found</html>\n" * 99,
    raster(colors(), "PNG"),
]


@pytest.mark.parametrize("encoding", DICOM_FILES)
@pytest.mark.parametrize("behind", [*TRAILERS, dicom(film(33, 33))])
def test_bytes_behind_a_dicom_file_are_ignored(encoding: str, behind: bytes) -> None:
    whole = DICOM_FILES[encoding]
    assert read(whole + behind).sha256 == read(whole).sha256


def test_elements_behind_the_pixel_data_count() -> None:
    whole = dicom(DEEP, WindowCenter=20000, WindowWidth=9000)
    at = whole.index(b"\x28\0\x50\x10")
    window = whole[at : whole.index(b"\xe0\x7f\x10\0")]
    assert read(whole.replace(window, b"") + window).sha256 == read(whole).sha256


@pytest.mark.parametrize("encoding", ["RLE", "JPEG"])
@pytest.mark.parametrize("missing", [1, 7, 8])
def test_fragments_without_their_delimiter_are_read(encoding: str, missing: int) -> None:
    whole = DICOM_FILES[encoding]
    assert whole[-8:] == b"\xfe\xff\xdd\xe0\0\0\0\0"
    assert read(whole[:-missing]).sha256 == read(whole).sha256


@pytest.mark.parametrize("samples", [film(), DEEP, colors()], ids=["8 bits", "16 bits", "color"])
def test_uncompressed_pixels_without_their_last_byte_are_refused(samples: Samples) -> None:
    with pytest.raises(UnreadableImage, match="cut short"):
        read(dicom(samples)[:-1])


def test_the_padding_byte_of_an_odd_number_of_pixels_may_be_missing() -> None:
    odd = film(63, 49)
    np.testing.assert_allclose(read(dicom(odd)[:-1]).pixels, unit(odd), atol=1e-6)


JPEGS = {
    "baseline": raster(NOISE, "JPEG"),
    "color": raster(np.dstack([NOISE, NOISE // 2, NOISE]), "JPEG"),
    "progressive": raster(NOISE, "JPEG", progressive=True),
    "restart intervals": raster(NOISE, "JPEG", restart_marker_rows=1),
    "CMYK": raster(Image.fromarray(np.dstack([NOISE] * 4), "CMYK"), "JPEG"),
    "12 bits": imagecodecs.jpeg_encode(NOISE.astype(np.uint16) * 16, bitspersample=12),
    "lossless": imagecodecs.ljpeg_encode(NOISE),
    "JPEG-LS": imagecodecs.jpegls_encode(NOISE),
    "with thumbnail": raster(NOISE, "JPEG", exif=b"Exif\0\0" + raster(film(40, 40), "JPEG")),
}


@pytest.mark.parametrize("process", JPEGS)
@pytest.mark.parametrize("end", [b"", b"\xff"])
def test_a_jpeg_without_its_end_marker_is_read_with_a_note(process: str, end: bytes) -> None:
    whole = JPEGS[process]
    data = whole[: whole.rindex(b"\xff\xd9")]
    radiograph = read(data + end)
    assert radiograph.sha256 == read(whole).sha256
    assert NO_END in radiograph.notes


@pytest.mark.parametrize("process", JPEGS)
@pytest.mark.parametrize("cut", [5, 50, 1500])
@pytest.mark.parametrize("behind", [b"", bytes(20_000)])
def test_a_jpeg_that_lacks_data_is_refused_also_if_zeros_replace_them(
    process: str, cut: int, behind: bytes
) -> None:
    whole = JPEGS[process]
    with pytest.raises(UnreadableImage, match="cut short"):
        read(whole[: whole.rindex(b"\xff\xd9") - cut] + behind)


@pytest.mark.parametrize("process", ["baseline", "color", "restart intervals", "12 bits", "lossless"])
def test_a_jpeg_with_less_data_than_rows_is_refused_also_if_it_has_an_end_marker(process: str) -> None:
    whole = JPEGS[process]
    cut = whole[: len(whole) * 3 // 5] + b"\xff\xd9"
    more_rows = whole.replace(b"\0\x60\0\x60", b"\2\x60\0\x60", 1)
    for data in (cut, more_rows):
        with pytest.raises(UnreadableImage, match="cut short"):
            read(data)
    with pytest.raises(UnreadableImage, match="cut short"):
        read(dicom(NOISE, uid.JPEGBaseline8Bit, cut + b"\0" * (len(cut) % 2)))


def test_a_jpeg_that_ends_in_gray_is_read() -> None:
    gray = NOISE.copy()
    gray[-20:] = 128
    assert read(raster(gray, "JPEG")).pixels.shape == (96, 96)
    stored = dicom(gray, uid.JPEGBaseline8Bit, raster(gray, "JPEG"))
    assert read(stored).pixels.shape == (96, 96)


FRAGMENTS: dict[str, tuple[str, Any]] = {
    "baseline": (uid.JPEGBaseline8Bit, lambda samples: raster(samples, "JPEG")),
    "lossless": (uid.JPEGLosslessSV1, imagecodecs.ljpeg_encode),
    "JPEG-LS": (uid.JPEGLSLossless, imagecodecs.jpegls_encode),
    "JPEG 2000": (uid.JPEG2000, lambda samples: imagecodecs.jpeg2k_encode(samples, codecformat="j2k")),
}


@pytest.mark.parametrize("codec", FRAGMENTS)
def test_a_codestream_in_dicom_without_its_end_marker_is_read_with_a_note(codec: str) -> None:
    syntax, encode = FRAGMENTS[codec]
    stream = encode(NOISE)
    data = stream[: stream.rindex(b"\xff\xd9")]
    data += b"\0" * (len(data) % 2)
    radiograph = read(dicom(NOISE, syntax, data))
    assert radiograph.sha256 == read(dicom(NOISE, syntax, stream)).sha256
    assert NO_END in radiograph.notes
    with pytest.raises(UnreadableImage, match="cut short"):
        read(dicom(NOISE, syntax, data[:-200]))
