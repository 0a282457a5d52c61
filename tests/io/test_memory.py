"""Memory for reading and drawing large films, in bytes per pixel, as tracemalloc counts it."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import RLELossless

from tests.corpus import dicom, ramp, raster, tiff
from xray.geometry import Affine
from xray.io import read_radiograph
from xray.io.scaling import flatten, flatten_in_place
from xray.render.boxes import draw_boxes
from xray.render.overlay import Drawing, draw, overlay, strength, windowed
from xray.types import Case, Detections, Explanation, GateResult, Prediction, Radiograph

SIDE = 2048
GRAY = np.tile(ramp(SIDE, 256, "u1"), SIDE // 256)
COLOR = np.dstack([GRAY, GRAY, 255 - GRAY])
DEEP = COLOR.astype(np.uint16) << 8
RGBA = np.dstack([DEEP, DEEP[..., :1]])


def rle_frame(colors: NDArray[np.uint8]) -> bytes:
    """Header and one segment for each color (PS3.5 G.5)."""
    segments = [bytes(imagecodecs.packbits_encode(plane.tobytes())) for plane in np.moveaxis(colors, -1, 0)]
    offsets = np.cumsum([64, *map(len, segments)])[:3]
    return np.uint32([3, *offsets, *12 * [0]]).tobytes() + b"".join(segments)


LARGE = {
    "8 bits": lambda: raster(GRAY, "PNG", compress_level=1),
    "16 bits": lambda: imagecodecs.png_encode(GRAY.astype(np.uint16) << 8, level=1),
    "color": lambda: raster(COLOR, "PNG", compress_level=1),
    "16-bit color": lambda: imagecodecs.png_encode(DEEP, level=1),
    "16-bit color TIFF": lambda: tiff(DEEP, photometric="rgb"),
    "16-bit color with alpha": lambda: imagecodecs.png_encode(RGBA, level=1),
    "16-bit color TIFF with alpha": lambda: tiff(RGBA, photometric="rgb", extrasamples=["unassalpha"]),
    "CMYK TIFF": lambda: tiff(np.dstack([COLOR, GRAY]), photometric="separated"),
    "RLE DICOM": lambda: dicom(COLOR, RLELossless, rle_frame(COLOR)),
    "YBR DICOM": lambda: dicom(COLOR, PhotometricInterpretation="YBR_FULL"),
    "DICOM": lambda: dicom(GRAY.astype(np.uint16) << 8),
    "windowed DICOM": lambda: dicom(
        GRAY.astype(np.uint16) << 4,
        BitsStored=12,
        HighBit=11,
        PhotometricInterpretation="MONOCHROME1",
        RescaleSlope=2,
        RescaleIntercept=-1,
        WindowCenter=4000,
        WindowWidth=7000,
    ),
}


def bytes_per_pixel(work: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / SIDE**2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", LARGE)
def test_reading_needs_at_most_13_bytes_per_pixel(kind: str) -> None:
    """At 99 megapixels these are 1.2 GiB, beside 0.8 GiB of the networks; at this size, 0.5 are constant."""
    data = LARGE[kind]()
    assert bytes_per_pixel(lambda: read_radiograph(data, "film.png")) < 13


def test_a_png_is_converted_in_place() -> None:
    """The samples take 8 bytes per pixel; a second array would take 4."""
    data = LARGE["16-bit color with alpha"]()
    assert bytes_per_pixel(lambda: read_radiograph(data, "film.png")) < 11


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_samples_converted_in_place_are_the_same(channels: int, dtype: Any) -> None:
    samples = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (301, 1203, channels), dtype, True)
    bits = 8 * samples.itemsize
    notes: tuple[list[str], list[str]] = ([], [])
    expected = flatten(samples, bits, "film.png", notes[0])
    np.testing.assert_array_equal(flatten_in_place(samples, bits, "film.png", notes[1]), expected)
    assert notes[0] == notes[1]


@pytest.mark.parametrize("samples", [DEEP, RGBA], ids=["16-bit color", "with alpha"])
def test_an_uncompressed_tiff_needs_at_most_13_bytes_per_pixel_with_its_file(samples: Any) -> None:
    options = {"extrasamples": ["unassalpha"]} if samples.shape[2] == 4 else {}
    data = tiff(samples, photometric="rgb", **options)
    size = len(data) / SIDE**2
    assert bytes_per_pixel(lambda: read_radiograph(data, "film.tif")) + size < 13


def test_drawing_needs_little_more_than_the_picture() -> None:
    film = (GRAY / 255).astype(np.float32)
    found = Detections(
        "m", ("F",), np.float32([[9, 9, 99, 99]]), np.float32([0.9]), np.zeros(1, int), np.zeros(1, int)
    )
    heatmap = Explanation(
        "gradcam",
        "layer",
        "F",
        np.eye(8, dtype=np.float32),
        Affine.scale(256, 256),
        film.shape,
        "m",
        "0" * 64,
    )
    case = Case(
        Radiograph(film, "film.png"),
        Prediction("m", "0" * 64, ("F",), *np.float32([[0], [0.8], [0.5]])),
        (heatmap,),
        gate=GateResult(True, "", "", "accepted"),
    )
    assert bytes_per_pixel(lambda: draw(case, "F", Drawing())) < 8
    assert bytes_per_pixel(lambda: windowed(film)) < 4
    assert bytes_per_pixel(lambda: draw_boxes(film, found)) < 8
    whole = overlay(film, strength(heatmap.heatmap(), 1), Drawing())
    np.testing.assert_allclose(draw(case, "F", Drawing()), whole, atol=1)
