"""PNG, JPEG, TIFF, BMP and WebP: depth, color, transparency and orientation, against other libraries."""

import io
import struct
import zlib
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.corpus import film, png, png_chunk, ramp, raster, tiff, unit
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.io import scaling as limits
from xray.types import Radiograph

ANIMATION: dict[str, Any] = {
    "save_all": True,
    "append_images": [Image.fromarray(255 - film())],
    "duration": 40,
}


def read(data: bytes, extension: str = "png") -> Radiograph:
    return read_radiograph(data, f"film.{extension}")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_an_8_bit_gray_film_is_divided_by_255(kind: str) -> None:
    radiograph = read(raster(film(), kind), kind.lower())
    np.testing.assert_array_equal(radiograph.pixels, unit(film()))
    assert (radiograph.bit_depth, radiograph.notes) == (8, ())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(raster(ramp(256, 256), "PNG"), id="PNG by Pillow"),
        pytest.param(cv2.imencode(".png", ramp(256, 256))[1].tobytes(), id="PNG by OpenCV"),
        pytest.param(imagecodecs.png_encode(np.stack([ramp(256, 256)] * 3, -1)), id="RGB PNG"),
        pytest.param(tiff(ramp(256, 256)), id="TIFF by tifffile"),
        pytest.param(tiff(ramp(256, 256), byteorder=">", bigtiff=True), id="big-endian BigTIFF"),
        pytest.param(cv2.imencode(".tiff", ramp(256, 256))[1].tobytes(), id="LZW TIFF by OpenCV"),
    ],
)
def test_a_16_bit_ramp_keeps_its_65536_levels(data: bytes) -> None:
    radiograph = read(data, "bin")
    np.testing.assert_array_equal(np.rint(radiograph.pixels * 65535), ramp(256, 256))
    assert len(np.unique(radiograph.pixels)) == 65536
    assert (radiograph.bit_depth, radiograph.notes) == (16, ())


@pytest.mark.parametrize(("maximum", "full_scale"), [(200, 255), (1000, 1023), (4095, 4095), (9000, 16383)])
@pytest.mark.parametrize("encode", [lambda samples: raster(samples, "PNG"), tiff])
def test_16_bits_that_use_fewer_are_scaled_by_the_depth_in_use(
    encode: Any, maximum: int, full_scale: int
) -> None:
    samples = np.linspace(0, maximum, 64 * 48).reshape(64, 48).astype(np.uint16)
    radiograph = read(encode(samples), "bin")
    np.testing.assert_array_equal(radiograph.pixels, unit(samples, full_scale))
    assert [str(full_scale) in note for note in radiograph.notes] == [True]
    assert radiograph.bit_depth == 16


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_png_of_few_bits_spans_black_to_white(depth: int) -> None:
    levels = np.tile(np.arange(2**depth, dtype=np.uint8), (32, 64 // 2**depth))
    bits = np.unpackbits(levels[..., None], axis=-1)[..., -depth:].reshape(32, -1)
    rows = b"".join(b"\0" + row.tobytes() for row in np.packbits(bits, axis=-1))
    radiograph = read(png(64, 32, depth, 0, rows))
    np.testing.assert_allclose(radiograph.pixels, levels / (2**depth - 1), atol=1e-7)
    assert radiograph.bit_depth == depth


def test_a_1_bit_bmp_is_black_and_white() -> None:
    radiograph = read(raster(Image.fromarray(film() > 90), "BMP"), "bmp")
    np.testing.assert_array_equal(radiograph.pixels, film() > 90)
    assert radiograph.bit_depth == 1


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP"])
def test_an_exif_orientation_is_applied_and_noted(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = raster(film(), kind, exif=exif, **({"lossless": True} if kind == "WebP" else {}))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("L"))
    radiograph = read(data, kind.lower())
    np.testing.assert_array_equal(radiograph.pixels, unit(upright))
    assert radiograph.notes == ("Turned upright according to its orientation tag.",)


def test_an_upright_exif_orientation_is_not_noted() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    assert read(raster(film(), "JPEG", exif=exif), "jpg").notes == ()


def test_a_damaged_exif_block_does_not_cost_the_picture() -> None:
    whole = read(raster(film(), "JPEG"), "jpg")
    damaged = read(raster(film(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + bytes(20)), "jpg")
    assert damaged.sha256 == whole.sha256


@pytest.mark.parametrize(
    ("data", "note"),
    [
        pytest.param(tiff(np.stack([film(), 255 - film()]), photometric="minisblack"), "pages", id="TIFF"),
        pytest.param(raster(film(), "PNG", **ANIMATION), "frames", id="PNG"),
        pytest.param(raster(film(), "WebP", lossless=True, **ANIMATION), "frames", id="WebP"),
    ],
)
def test_of_several_pictures_the_first_is_shown_and_noted(data: bytes, note: str) -> None:
    radiograph = read(data, "bin")
    np.testing.assert_array_equal(radiograph.pixels, unit(film()))
    assert radiograph.notes == (f"First of 2 {note}.",)


@pytest.mark.parametrize("data", [raster(film(), "PNG"), raster(ramp(64, 48), "PNG")], ids=["8", "16"])
def test_a_png_with_one_changed_byte_among_its_pixels_is_refused(data: bytes) -> None:
    pixels = data.index(b"IDAT") + 4
    for at in range(pixels, len(data) - 16, 37):
        with pytest.raises(UnreadableImage, match="damaged"):
            read(data[:at] + bytes([data[at] ^ 8]) + data[at + 1 :])


@pytest.mark.parametrize("shape", [(32, 5000), (5000, 32)])
def test_an_extreme_aspect_is_fine(shape: tuple[int, int]) -> None:
    assert read(raster(ramp(*shape), "PNG")).pixels.shape == shape


def test_a_film_of_just_the_largest_size_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PIXELS", 64 * 48)
    for data in (raster(film(), "PNG"), tiff(film())):
        assert read(data, "bin").pixels.shape == (64, 48)
    for data in (raster(film(65, 48), "PNG"), tiff(film(65, 48))):
        with pytest.raises(UnreadableImage, match="claims more than"):
            read(data, "bin")


@pytest.mark.parametrize("samples", [film(), ramp(64, 48)], ids=["8 bits", "16 bits"])
def test_large_or_damaged_text_and_profiles_do_not_cost_a_png(samples: Any, capfd: Any) -> None:
    whole = raster(samples, "PNG")
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000)))
    profile = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile"))
    damaged = struct.pack(">I", 4) + b"tEXt" + b"a\0bc" + bytes(4)
    expected = read(whole)
    for extra in (text, text * 30, profile, damaged, png_chunk(b"gAMA", b"")):
        found = read(whole[:33] + extra + whole[33:])
        assert (found.sha256, found.notes) == (expected.sha256, expected.notes)
    assert capfd.readouterr() == ("", "")


def test_a_hot_pixel_does_not_darken_a_film_of_16_bits() -> None:
    samples = ramp(64, 64)
    samples[5, 5] = 65535
    radiograph = read(raster(samples, "PNG"))
    expected = unit(ramp(64, 64), 4095)
    expected[5, 5] = 1
    np.testing.assert_array_equal(radiograph.pixels, expected)
    assert radiograph.notes == (
        "Stored with 16 bits but uses 12: scaled by 4095; 1 brighter sample shown white.",
    )


TWICE_AS_WIDE = ("Pixels are not square but 2.00 times as wide: shapes appear distorted.",)
TWICE_AS_HIGH = ("Pixels are not square but 2.00 times as high: shapes appear distorted.",)


@pytest.mark.parametrize(
    ("density", "meter", "notes"),
    [
        ((1000, 2000), 1, TWICE_AS_WIDE),
        ((2, 1), 0, TWICE_AS_HIGH),
        ((2834, 2835), 1, ()),
        ((1, 1), 0, ()),
        ((0, 7), 1, ()),
    ],
)
def test_a_png_with_pixels_that_are_not_square_is_noted(density: Any, meter: int, notes: Any) -> None:
    chunk = png_chunk(b"pHYs", struct.pack(">IIB", *density, meter))
    whole = raster(film(), "PNG")
    assert read(whole[:33] + chunk + whole[33:]).notes == notes


def test_a_jpeg_with_pixels_that_are_not_square_is_noted() -> None:
    assert read(raster(film(), "JPEG", dpi=(100, 200)), "jpg").notes == TWICE_AS_WIDE
    assert read(raster(film(), "JPEG", dpi=(300, 300)), "jpg").notes == ()
    exif = Image.Exif()
    exif[282], exif[283] = 200.0, 100.0
    without_jfif = raster(film(), "JPEG", exif=exif)
    start = without_jfif.index(b"\xff\xe0")
    length = struct.unpack_from(">H", without_jfif, start + 2)[0]
    without_jfif = without_jfif[:start] + without_jfif[start + 2 + length :]
    assert read(without_jfif, "jpg").notes == TWICE_AS_HIGH
