"""PNG, JPEG, TIFF, BMP and WebP to a Radiograph, at the depth they were stored with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image

from xray.io import jpeg, png
from xray.io.border import without_border
from xray.io.color import color_of
from xray.io.jpeg_end import file_with_end, refuse_gray_end
from xray.io.scaling import flatten, flatten_in_place, note_aspect, oversized, refuse_oversized
from xray.io.tiff import read_tiff
from xray.types import Color, Pixels, Radiograph

ORIENTATIONS: dict[int, Callable[[Pixels], Pixels]] = {  # TIFF 6.0 and EXIF 2.3, tag 274
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).T,
    8: np.rot90,
}


def read_raster(data: bytes, name: str, kind: str) -> Radiograph:
    """The first picture of a PNG, JPEG, TIFF, BMP or WebP (kind), as float32 (H, W) in [0, 1].

    Up to 15 bits are divided by their full scale; 16 bits by that of the smallest usual depth that holds
    the maximum; floats, signed and deeper integers span their own range. Raises UnreadableImage for a picture
    that cannot be shown, and one of decode.DAMAGE for damaged bytes.
    """
    notes: list[str] = []
    data = file_with_end(data, name, notes) if kind == "JPEG" else data
    decoded = jpeg.read_with_imagecodecs(data, name, notes) if kind == "JPEG" else None
    if decoded:
        samples, bit_depth = decoded
        pixels, orientation = flatten(samples, bit_depth, name, notes), 1
        color = color_of(samples)
    elif kind == "TIFF":
        pixels, bit_depth, orientation, color = read_tiff(data, name, notes)
    else:
        pixels, bit_depth, orientation, color = _read_with_pillow(data, name, kind, notes)
    if kind == "JPEG":
        refuse_gray_end(data, pixels[-1])
    if orientation in ORIENTATIONS:
        pixels = ORIENTATIONS[orientation](pixels)
        notes.append("Turned upright according to its orientation tag.")
    pixels = np.ascontiguousarray(without_border(pixels, notes), dtype=np.float32)
    return Radiograph(np.clip(pixels, 0, 1, out=pixels), name, bit_depth, notes=tuple(notes), color=color)


def _read_with_pillow(data: bytes, name: str, kind: str, notes: list[str]) -> tuple[Pixels, int, int, Color]:
    try:
        picture = Image.open(BytesIO(png.reduced(data) if kind == "PNG" else data), formats=[kind])
    except Image.DecompressionBombError:
        picture = None
    if picture is None:
        raise oversized(name)
    with picture:
        refuse_oversized(name, picture.height, picture.width)
        if (frames := getattr(picture, "n_frames", 1)) > 1:
            notes.append(f"First of {frames} frames.")
        stored_bits = data[24] if kind == "PNG" and picture.mode != "P" else 8
        samples, bits = None if stored_bits == 16 else np.asarray(_as_8_bits(picture)), 8
        stored_bits = 1 if picture.mode == "1" else stored_bits
        exif = picture.getexif() if "exif" in picture.info else {}
        density = _density(picture, exif)
    del picture  # frees a copy of the file
    if samples is None:
        samples, bits = imagecodecs.png_decode(png.reduced(data, png.OF_PICTURE)), 16
    samples = np.atleast_3d(samples)
    color = color_of(samples)
    pixels = flatten_in_place(samples, bits, name, notes)
    if density:
        note_aspect(1 / density[1], 1 / density[0], notes)
    return pixels, stored_bits, exif.get(274, 1), color


def _as_8_bits(picture: Image.Image) -> Image.Image:
    mode = "L" if picture.mode in ("1", "L") else "RGB"
    if picture.has_transparency_data:
        mode = "RGBA"
    return picture if picture.mode == mode else picture.convert(mode)


def _density(picture: Image.Image, exif: Mapping[int, Any]) -> tuple[float, float] | None:
    """Pixels per length (x, y) by JFIF, PNG's pHYs or BMP's header, otherwise by EXIF."""
    info = picture.info
    of_header = info.get("jfif_density") if picture.format == "JPEG" else info.get("aspect", info.get("dpi"))
    x, y = of_header or (exif.get(282), exif.get(283))
    return (float(x), float(y)) if x and y else None
