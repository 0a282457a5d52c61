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

from tests.corpus import bt601, colors, film, jpeg_12_bit, png, png_chunk, ramp, raster, tiff, unit
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.io import scaling as limits
from xray.io.jpeg import codestream_shape
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


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WebP"])
def test_color_becomes_luminance_and_is_noted(kind: str) -> None:
    options = {"lossless": True} if kind == "WebP" else {}
    radiograph = read(raster(colors(), kind, **options), kind.lower())
    np.testing.assert_allclose(radiograph.pixels, bt601(colors()), atol=1e-6)
    assert radiograph.notes == ("Color reduced to luminance (ITU-R BT.601).",)


@pytest.mark.parametrize(
    ("color", "weight"), [((255, 0, 0), 0.299), ((0, 255, 0), 0.587), ((0, 0, 255), 0.114)]
)
@pytest.mark.parametrize("palette", [True, False])
def test_each_primary_has_its_weight_also_from_a_palette(color: Any, weight: float, palette: bool) -> None:
    picture = Image.new("RGB", (64, 64))
    picture.paste(color, (0, 0, 32, 64))
    pixels = read(raster(picture.quantize(4) if palette else picture, "PNG")).pixels
    assert pixels[0, 0] == pytest.approx(weight, abs=1e-6)
    assert pixels[0, 63] == 0


def test_a_gray_film_stored_as_rgb_is_the_same_film_without_a_note() -> None:
    radiograph = read(raster(np.stack([film()] * 3, -1), "PNG"))
    np.testing.assert_array_equal(radiograph.pixels, unit(film()))
    assert radiograph.notes == ()


@pytest.mark.parametrize("gray", [True, False])
def test_a_jpeg_agrees_with_opencv(gray: bool) -> None:
    data = raster(film() if gray else colors(), "JPEG", quality=90, subsampling=0)
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    radiograph = read(data, "jpg")
    np.testing.assert_allclose(radiograph.pixels, bt601(bgr[..., ::-1]), atol=2 / 255)
    assert bool(radiograph.notes) is not gray


def test_a_cmyk_jpeg_shows_what_was_printed() -> None:
    data = raster(Image.fromarray(colors(128, 128)).convert("CMYK"), "JPEG", quality=95)
    np.testing.assert_allclose(read(data, "jpg").pixels, bt601(colors(128, 128)), atol=0.05)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WebP"])
def test_transparency_is_composited_over_black_and_noted(kind: str) -> None:
    alpha = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (64, 1))
    options = {"lossless": True, "exact": True} if kind == "WebP" else {}
    radiograph = read(raster(np.dstack([colors(), alpha]), kind, **options), kind.lower())
    np.testing.assert_allclose(radiograph.pixels, bt601(colors()) * alpha / 255, atol=1e-6)
    assert "Transparent parts shown black." in radiograph.notes


def test_an_opaque_alpha_channel_changes_and_notes_nothing() -> None:
    picture = Image.fromarray(film()).convert("LA")
    radiograph = read(raster(picture, "PNG"))
    np.testing.assert_array_equal(radiograph.pixels, unit(film()))
    assert radiograph.notes == ()


def test_a_transparent_gray_level_or_palette_entry_is_black() -> None:
    samples = np.repeat(np.uint8([[10, 200]]), 32, axis=1).repeat(64, axis=0)
    for picture in (Image.fromarray(samples), Image.fromarray(samples).convert("P")):
        radiograph = read(raster(picture, "PNG", transparency=200))
        np.testing.assert_array_equal(radiograph.pixels, unit(np.where(samples == 200, 0, samples)))
        assert radiograph.notes == ("Transparent parts shown black.",)


def test_transparency_of_16_bits_keeps_every_level() -> None:
    alpha = np.full((256, 256), 32768, np.uint16)
    with_alpha = read(imagecodecs.png_encode(np.dstack([ramp(256, 256), alpha]))).pixels
    np.testing.assert_allclose(with_alpha, ramp(256, 256) / 65535 * (32768 / 65535), atol=1e-7)
    assert len(np.unique(with_alpha)) == 65536

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in ramp(256, 256))
    keyed = read(png(256, 256, 16, 0, rows, png_chunk(b"tRNS", struct.pack(">H", 65535)))).pixels
    np.testing.assert_array_equal(keyed.ravel()[:-1], unit(ramp(256, 256), 65535).ravel()[:-1])
    assert keyed[-1, -1] == 0


def test_premultiplied_alpha_is_not_multiplied_again() -> None:
    samples = np.dstack([film(), np.full_like(film(), 100)])
    assert read(
        tiff(samples, photometric="minisblack", extrasamples=["assocalpha"])
    ).pixels.max() == pytest.approx(film().max() / 255)
    assert read(
        tiff(samples, photometric="minisblack", extrasamples=["unassalpha"])
    ).pixels.max() == pytest.approx(film().max() / 255 * 100 / 255)


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


@pytest.mark.parametrize(
    ("encode", "shape"),
    [
        (lambda: raster(film(), "JPEG"), (64, 48, 1)),
        (lambda: raster(colors(), "JPEG", progressive=True), (64, 48, 3)),
        (lambda: imagecodecs.jpegls_encode(ramp(64, 48)), (64, 48, 1)),
        (lambda: imagecodecs.ljpeg_encode(ramp(64, 48)), (64, 48, 1)),
        (lambda: imagecodecs.jpeg2k_encode(colors(), codecformat="j2k"), (64, 48, 3)),
        (lambda: imagecodecs.jpeg2k_encode(film(), codecformat="jp2"), (64, 48, 1)),
    ],
)
def test_the_shape_of_a_codestream_is_read_from_its_header(encode: Any, shape: tuple[int, int, int]) -> None:
    assert codestream_shape(encode()) == shape


def test_a_thumbnail_in_a_jpeg_header_is_not_taken_for_its_shape() -> None:
    thumbnail = b"Exif\0\0" + raster(film(40, 40), "JPEG")
    assert codestream_shape(raster(film(), "JPEG", exif=thumbnail)) == (64, 48, 1)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("color", [True, False])
def test_a_jpeg_of_12_bits_keeps_its_depth(lossless: bool, color: bool) -> None:
    samples = film().astype(np.uint16) * 16
    picture = np.dstack([samples] * 3) if color else samples
    radiograph = read(jpeg_12_bit(picture, lossless=lossless, level=100), "jpg")
    np.testing.assert_allclose(radiograph.pixels, unit(samples, 4095), atol=0 if lossless else 3 / 255)
    assert (radiograph.bit_depth, radiograph.notes) == (12, ())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(imagecodecs.jpegls_encode(ramp(64, 64)), id="JPEG-LS"),
        pytest.param(imagecodecs.ljpeg_encode(ramp(64, 64), bitspersample=12), id="lossless JPEG"),
        pytest.param(imagecodecs.jpeg_encode(ramp(64, 64), lossless=True, bitspersample=12), id="libjpeg"),
    ],
)
def test_a_lossless_jpeg_is_exact(data: bytes) -> None:
    radiograph = read(data, "jpg")
    np.testing.assert_array_equal(radiograph.pixels, unit(ramp(64, 64), 4095))


def test_a_lossless_jpeg_of_8_bits_and_jpeg_ls_in_color_are_exact() -> None:
    gray = read(imagecodecs.jpeg_encode(film(), lossless=True), "jpg")
    np.testing.assert_array_equal(gray.pixels, unit(film()))
    color = read(imagecodecs.jpegls_encode(colors()), "jls")
    np.testing.assert_allclose(color.pixels, bt601(colors()), atol=1e-6)


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
