"""Color, transparency and palettes become luminance over black."""

import struct
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tests.corpus import bt601, colors, film, png, png_chunk, ramp, raster, tiff, unit
from tests.io.test_raster import read
from xray.errors import UnreadableImage


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


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_film_that_is_transparent_everywhere_is_named_as_one(kind: str) -> None:
    hidden = np.dstack([film(), np.zeros_like(film())])
    with pytest.raises(
        UnreadableImage, match=r"is transparent everywhere\. Save it without an alpha channel"
    ):
        read(raster(Image.fromarray(hidden), kind), kind.lower())


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
