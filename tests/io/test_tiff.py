"""TIFF: depths, compressions, layouts, orientations and polarity."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tifffile import TiffWriter

from tests.corpus import Samples, bt601, colors, film, ramp, raster, tiff, unit
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.types import Radiograph


def read(data: bytes, extension: str = "png") -> Radiograph:
    return read_radiograph(data, f"film.{extension}")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_orientation_puts_the_first_sample_where_the_tag_says(orientation: int) -> None:
    samples = film()
    samples[0, 0] = 255
    data = tiff(samples, extratags=[("Orientation", "H", 1, orientation, True)])
    pixels = read(data, "tif").pixels
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert pixels.shape == ((64, 48) if orientation < 5 else (48, 64))
    assert pixels[corner[orientation]] == 1


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i2", "i4", "u4"])
def test_a_tiff_beyond_16_unsigned_bits_spans_its_own_range(dtype: str) -> None:
    samples = (film().astype("f8") * 3 - (0 if dtype[0] == "u" else 100)).astype(dtype)
    low, high = float(samples.min()), float(samples.max())
    radiograph = read(tiff(samples), "tif")
    np.testing.assert_allclose(radiograph.pixels, (samples.astype("f8") - low) / (high - low), atol=1e-6)
    assert radiograph.notes == ("Scaled from its own minimum to its own maximum.",)
    assert radiograph.bit_depth == 8 * samples.dtype.itemsize


@pytest.mark.filterwarnings("error")
def test_floats_too_far_apart_to_be_spread_are_refused_without_a_warning() -> None:
    samples = film().astype("f8")
    samples[:2] = -1.7e308
    samples[-2:] = 1.7e308
    with pytest.raises(UnreadableImage):
        read(tiff(samples), "tif")


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "zstd", "lzma"])
@pytest.mark.parametrize("layout", [{}, {"tile": (32, 32)}, {"rowsperstrip": 7}])
def test_lossless_tiff_compression_changes_no_value(compression: str | None, layout: dict[str, Any]) -> None:
    predictor = compression not in (None, "packbits")
    data = tiff(ramp(64, 48), compression=compression, predictor=predictor, **layout)
    np.testing.assert_array_equal(read(data, "tif").pixels, unit(ramp(64, 48), 4095))


def test_tiff_written_by_libtiff_in_black_and_white_is_read() -> None:
    for compression in ("group3", "group4", "packbits"):
        data = raster(Image.fromarray(film() > 90), "TIFF", compression=compression)
        np.testing.assert_array_equal(read(data, "tif").pixels, film() > 90)


def test_a_jpeg_compressed_tiff_in_color_is_luminance() -> None:
    data = tiff(colors(128, 128), compression="jpeg", photometric="rgb", tile=(64, 64))
    np.testing.assert_allclose(read(data, "tif").pixels, bt601(colors(128, 128)), atol=0.03)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_a_min_is_white_tiff_is_inverted_and_noted(dtype: str) -> None:
    samples = film().astype(dtype) * (1 if dtype == "u1" else 257)
    radiograph = read(tiff(samples, photometric="miniswhite"), "tif")
    np.testing.assert_allclose(radiograph.pixels, 1 - film() / 255, atol=1e-6)
    assert radiograph.notes == ("Stored with white as the minimum: inverted, so that bright is dense.",)


def test_planar_palette_and_cmyk_tiffs_show_their_colors() -> None:
    planar = tiff(np.moveaxis(colors(), -1, 0), photometric="rgb", planarconfig="separate")
    np.testing.assert_allclose(read(planar).pixels, bt601(colors()), atol=1e-6)

    table = np.stack([np.arange(256)[::-1]] * 3).astype(np.uint16) * 257
    palette = tiff(film(), photometric="palette", colormap=table)
    np.testing.assert_allclose(read(palette).pixels, 1 - film() / 255, atol=1e-6)

    ink = np.dstack([255 - colors(), np.full_like(film(), 51)])
    np.testing.assert_allclose(
        read(tiff(ink, photometric="separated")).pixels, bt601(colors()) * 0.8, atol=1e-6
    )


def test_a_jpeg_in_a_tiff_that_claims_to_be_huge_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tiff(film(128, 128), compression="jpeg", tile=(64, 64))
    size, huge = (b"\x08" + struct.pack(">HH", side, side) for side in (64, 30_000))
    monkeypatch.setattr("tifffile.TiffPage.asarray", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(UnreadableImage, match="damaged"):
        read(whole.replace(size, huge), "tif")


def two_pages(first: Samples, second: Samples, nested: bool = False, **options: Any) -> bytes:
    """A TIFF with two pages, or with the second as a SubIFD of the first; options are those of the first."""
    buffer = io.BytesIO()
    with TiffWriter(buffer) as writer:
        writer.write(first, subifds=int(nested), **options)
        writer.write(second)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (
            two_pages(film()[::8, ::8], film(), subfiletype=1),
            "Page 2 of 2: the pages before it are thumbnails",
        ),
        (two_pages(film()[::8, ::8], film()), "Page 2 of 2: the pages before it are thumbnails or masks."),
        (two_pages(film()[::8, ::8], film(), subfiletype=1, nested=True), "Page 2 of 2"),
        (two_pages(film() > 90, film(), subfiletype=4), "Page 2 of 2"),
        (two_pages(film(), film()[::8, ::8]), "First of 2 pages."),
        (two_pages(film(), 255 - film()), "First of 2 pages."),
    ],
    ids=["thumbnail", "unmarked thumbnail", "SubIFD", "mask", "thumbnail behind the film", "two films"],
)
def test_the_page_of_full_size_is_the_film(data: bytes, note: str) -> None:
    radiograph = read(data, "tif")
    np.testing.assert_array_equal(radiograph.pixels, unit(film()))
    assert len(radiograph.notes) == 1
    assert radiograph.notes[0].startswith(note)


def test_a_tiff_with_only_a_reduced_page_shows_it() -> None:
    np.testing.assert_array_equal(read(tiff(film(), subfiletype=1), "tif").pixels, unit(film()))


@pytest.mark.parametrize("compression", ["jpeg2000", "jpeg_2000_lossy"])
def test_a_tiff_compressed_as_jpeg_2000_is_read(compression: str) -> None:
    radiograph = read(tiff(ramp(64, 48), compression=compression, compressionargs={"level": 0}), "tif")
    np.testing.assert_array_equal(radiograph.pixels, unit(ramp(64, 48), 4095))


@pytest.mark.parametrize("resolution", [(100, 200), (300, 300), (1e4, 10001)])
def test_a_tiff_with_pixels_that_are_not_square_is_noted(resolution: tuple[float, float]) -> None:
    notes = read(tiff(film(), resolution=resolution), "tif").notes
    distorted = ("Pixels are not square but 2.00 times as wide: shapes appear distorted.",)
    assert notes == (distorted if resolution == (100, 200) else ())


def test_a_hot_pixel_does_not_darken_a_film_of_floats() -> None:
    samples = np.linspace(-1, 3, 64 * 48, dtype=np.float32).reshape(64, 48)
    hot = samples.copy()
    hot[10, 10] = 1e6
    radiograph = read(tiff(hot), "tif")
    expected = (samples + 1) / 4
    expected[10, 10] = 1
    np.testing.assert_allclose(radiograph.pixels, expected, atol=1e-6)
    assert radiograph.notes == ("Scaled from its own minimum to its own maximum, without 1 outlier.",)
