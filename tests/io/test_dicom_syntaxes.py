"""DICOM: every transfer syntax, and what is cut, inflated or without a header."""

import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import uid
from pydicom.pixels import pixel_array

from tests.corpus import colors, dataset_of, dicom, film, ramp, raster, saved
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.io import scaling as limits
from xray.types import Radiograph

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
SHIPPED_FILES = sorted(path for path in SHIPPED.rglob("*") if path.is_file())
PYDICOM_DATA = find_spec("data_store")  # the package pydicom-data
FURTHER_FILES = sorted(Path(PYDICOM_DATA.origin).parent.glob("data/*.dcm")) if PYDICOM_DATA else []


def read(data: bytes) -> Radiograph:
    return read_radiograph(data, "film.dcm")


def shipped(name: str) -> Radiograph:
    return read((SHIPPED / name).read_bytes())


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


@pytest.mark.skipif(not FURTHER_FILES, reason="pydicom-data is not installed")
@pytest.mark.parametrize("path", FURTHER_FILES, ids=[path.name for path in FURTHER_FILES])
def test_every_film_of_pydicom_data_is_read(path: Path) -> None:
    result = outcome(path)
    assert isinstance(result, Radiograph)
    header = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    assert result.pixels.shape == (header.Rows, header.Columns)


def _holds_no_film(path: Path) -> bool:
    """Whether pydicom finds no frame of 32 x 32 pixels either, or the file is one known to be broken."""
    if path.name == "JPEG-lossy.dcm":  # imagecodecs decodes it, pydicom does not
        return False
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
    with pytest.raises(UnreadableImage, match="cut short"):
        read(dicom(film().astype(np.uint16), syntax, whole[: int(len(whole) * kept)]))


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


PRIVATE, UNKNOWN = "1.2.826.0.1.3680043.9.7777.1", "1.2.840.10008.1.2.9"


@pytest.mark.parametrize(("syntax", "called"), [(PRIVATE, "a private"), (UNKNOWN, "an unknown")])
def test_uncompressed_pixels_of_an_unknown_syntax_are_read_if_their_length_fits(
    syntax: str, called: str
) -> None:
    for samples in (film(), film(63, 49), ramp(), colors()):
        radiograph = read(_renamed(dicom(samples), syntax))
        assert radiograph.sha256 == read(dicom(samples)).sha256
        assert f"{called} transfer syntax, but the pixel data is uncompressed" in radiograph.notes[0]
        for length in (len(samples.tobytes()) - 40, len(samples.tobytes()) + 40):
            dataset = dataset_of(samples)
            dataset.PixelData = bytes(length + length % 2)
            with pytest.raises(UnreadableImage, match=f"{called} transfer syntax, for which no decoder"):
                read(_renamed(saved(dataset), syntax))


def _renamed(explicit: bytes, syntax: str) -> bytes:
    """Explicit little-endian DICOM with another transfer syntax in its header."""
    at, length = explicit.index(b"\2\0\x10\0UI") + 6, len(uid.ExplicitVRLittleEndian) + 1
    value = syntax.encode() + b"\0" * (len(syntax) % 2)
    return explicit[:at] + struct.pack("<H", len(value)) + value + explicit[at + 2 + length :]


def test_a_codestream_of_an_unknown_syntax_is_read() -> None:
    jpeg = raster(film(), "JPEG")
    radiograph = read(dicom(film(), PRIVATE, jpeg))
    assert radiograph.sha256 == read(dicom(film(), uid.JPEGBaseline8Bit, jpeg)).sha256
    assert "a private transfer syntax, but the pixel data is JPEG" in radiograph.notes[0]


def test_big_endian_pixels_of_a_private_syntax_of_ge_are_read() -> None:
    dataset = dataset_of(ramp())
    dataset.PixelData = ramp().astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian
    whole = saved(dataset).replace(b"1.2.840.10008.1.2\0", b"1.2.840.113619.5.2", 1)
    radiograph = read(whole)
    assert (radiograph.sha256, radiograph.notes) == (read(dicom(ramp())).sha256, read(dicom(ramp())).notes)
