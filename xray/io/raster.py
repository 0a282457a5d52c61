"""PNG, JPEG, TIFF, BMP and WebP to a Radiograph, at the depth they were stored with."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tifffile import TiffFile, TiffPage

from xray.errors import UnreadableImage
from xray.types import Pixels, Radiograph

Samples = NDArray[Any]

MAX_PIXELS = 100_000_000
COLOR_NOTE = "Color reduced to luminance (ITU-R BT.601)."
USUAL_DEPTHS = (8, 10, 12, 14, 16)

ORIENTATIONS: dict[int, Callable[[Pixels], Pixels]] = {  # TIFF 6.0 and EXIF 2.3, tag 274
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).T,
    8: np.rot90,
}

MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6  # TIFF 6.0, tag 262
JPEG_IN_TIFF = 7
TIFF_COMPRESSIONS = (1, 2, 3, 4, 5, JPEG_IN_TIFF, 8, 32773, 32946, 34925, 50000)
ASSOCIATED, UNASSOCIATED = 1, 2  # TIFF 6.0, tag 338


def read_raster(data: bytes, name: str, kind: str) -> Radiograph:
    """The first picture of a PNG, JPEG, TIFF, BMP or WebP (kind), as float32 (H, W) in [0, 1].

    8 bits are divided by 255; 9 to 16 bits by the full scale of the smallest usual depth that holds the
    maximum; floats, signed and deeper integers span their own range. Raises UnreadableImage for a picture
    that cannot be shown, and one of decode.DAMAGE for damaged bytes.
    """
    notes: list[str] = []
    if kind == "TIFF":
        pixels, bit_depth, orientation = _read_tiff(data, name, notes)
    else:
        pixels, bit_depth, orientation = _read_with_pillow(data, name, kind, notes)
    if orientation in ORIENTATIONS:
        pixels = ORIENTATIONS[orientation](pixels)
        notes.append("Turned upright as its orientation tag says.")
    pixels = np.clip(np.ascontiguousarray(pixels, dtype=np.float32), 0.0, 1.0)
    return Radiograph(pixels, name, bit_depth, notes=tuple(notes))


def _read_with_pillow(data: bytes, name: str, kind: str, notes: list[str]) -> tuple[Pixels, int, int]:
    try:
        picture = Image.open(BytesIO(data), formats=[kind])
    except Image.DecompressionBombError:
        picture = None
    if picture is None:
        raise oversized(name)
    with picture:
        refuse_oversized(name, picture.height, picture.width)
        if (frames := getattr(picture, "n_frames", 1)) > 1:
            notes.append(f"First of {frames} frames.")
        stored_bits = data[24] if kind == "PNG" and picture.mode != "P" else 8
        if stored_bits == 16:
            samples, bits = imagecodecs.png_decode(data), 16
        else:
            samples, bits = np.asarray(_as_8_bits(picture)), 8
            stored_bits = 1 if picture.mode == "1" else stored_bits
        pixels = _flatten(np.atleast_3d(samples), bits, name, notes)
        orientation = picture.getexif().get(274, 1) if "exif" in picture.info else 1
    return pixels, stored_bits, orientation


def _as_8_bits(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _read_tiff(data: bytes, name: str, notes: list[str]) -> tuple[Pixels, int, int]:
    with TiffFile(BytesIO(data)) as tiff:
        page = tiff.pages.first
        refuse_oversized(name, page.imagelength, page.imagewidth)
        _refuse_unsupported(page, name)
        _refuse_cut(page, data)
        if len(tiff.pages) > 1:
            notes.append(f"First of {len(tiff.pages)} pages.")
        planes = page.asarray(squeeze=False)[:, 0]  # (planes, H, W, samples)
        samples = np.moveaxis(planes, 0, -1).reshape(*planes.shape[1:3], -1)
        bits = page.bitspersample

        if page.photometric == PALETTE:
            pixels = _flatten(np.asarray(page.colormap).T[samples[..., 0]], 16, name, notes)
        elif page.photometric == CMYK:
            ink = _scaled(samples[..., :4], bits, name, [])
            pixels = _gray((1 - ink[..., :3]) * (1 - ink[..., 3:]), notes)
        else:
            colors = 3 if page.photometric in (RGB, YCBCR) else 1
            alpha = [extra for extra in page.extrasamples[:1] if extra in (ASSOCIATED, UNASSOCIATED)]
            pixels = _flatten(samples[..., : colors + len(alpha)], bits, name, notes, ASSOCIATED in alpha)
        if page.photometric == MIN_IS_WHITE:
            pixels = 1 - pixels
            notes.append("Stored with white as the minimum: inverted, so that bright is dense.")
        orientation = page.tags.valueof(274, default=1)
    return pixels, bits, orientation


def _refuse_unsupported(page: TiffPage, name: str) -> None:
    known = page.photometric in (MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, CMYK) or (
        page.photometric == YCBCR and page.compression == JPEG_IN_TIFF
    )
    flat = page.imagedepth == 1 and page.samplesperpixel <= 8
    if not known or not flat or page.compression not in TIFF_COMPRESSIONS:
        raise UnreadableImage(
            f"{name} is a TIFF of a kind that is not supported.",
            hint="Save it as a grayscale or RGB TIFF, uncompressed or with LZW, or upload a PNG.",
        )


def _refuse_cut(page: TiffPage, data: bytes) -> None:
    """Refuse a TIFF file with missing strips, which tifffile would fill with a flat gray."""
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if len(segments) < np.prod(page.chunked):
        raise ValueError("strips missing")
    if not all(0 < count <= len(data) - offset for offset, count in segments):
        raise ValueError("strips beyond the end of the file")
    if page.compression == JPEG_IN_TIFF:
        shapes = [codestream_shape(data[offset : offset + count]) for offset, count in segments]
        if sum(rows * columns for rows, columns, _ in shapes) > 2 * MAX_PIXELS:
            raise ValueError("strips too large")


def codestream_shape(stream: bytes) -> tuple[int, int, int]:
    """(rows, columns, samples) that a JPEG, JPEG-LS or JPEG 2000 codestream declares; raises struct.error."""
    if not stream.startswith(b"\xff\xd8"):
        siz = stream.index(b"\xff\x4f\xff\x51", 0, 4096) + 8  # ISO 15444-1 A.5.1
        columns, rows, left, top = struct.unpack_from(">4I", stream, siz)
        return rows - top, columns - left, struct.unpack_from(">H", stream, siz + 32)[0]
    at = 2
    while True:  # ISO 10918-1 B.2: marker, length, then a frame header's precision, rows, columns, samples
        marker, length, _, rows, columns, samples = struct.unpack_from(">HHBHHB", stream, at)
        if marker in (0xFFC0, 0xFFC1, 0xFFC2, 0xFFC3, 0xFFF7):
            return rows, columns, samples
        at += 1 if marker == 0xFFFF else 2 + length


def _flatten(samples: Samples, bits: int, name: str, notes: list[str], premultiplied: bool = False) -> Pixels:
    """Gray, gray and alpha, RGB or RGBA (H, W, 1 to 4) to (H, W) in [0, 1], over black."""
    colors = 3 if samples.shape[2] > 2 else 1
    pixels = _gray(_scaled(samples[..., :colors], bits, name, notes), notes)
    if samples.shape[2] > colors:
        opaque = 2**bits - 1 if samples.dtype.kind == "u" else 1
        alpha: Pixels = samples[..., colors].astype(np.float32) / opaque
        if (alpha < 1).any():
            notes.append("Transparent parts shown black.")
            pixels = pixels if premultiplied else pixels * alpha
    return pixels


def _gray(colors: Pixels, notes: list[str]) -> Pixels:
    if colors.shape[2] == 1:
        return colors[..., 0]
    red, green, blue = np.moveaxis(colors, -1, 0)
    if max(np.abs(red - green).max(), np.abs(blue - green).max()) > 0.02:
        notes.append(COLOR_NOTE)
    return luminance(colors)


def luminance(colors: Pixels) -> Pixels:
    """ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B: (H, W) from (H, W, 3); exact where R = G = B."""
    red, green, blue = np.moveaxis(colors, -1, 0)
    gray: Samples = green + 0.299 * (red - green) + 0.114 * (blue - green)
    return gray


def _scaled(samples: Samples, bits: int, name: str, notes: list[str]) -> Pixels:
    if samples.dtype.kind not in "bu" or bits > 16:
        notes.append("Scaled from its own minimum to its own maximum.")
        return own_range(samples, name)
    used = bits
    if bits > 8:
        used = next(depth for depth in USUAL_DEPTHS if samples.max() < 2**depth)
        if used < bits:
            notes.append(f"Stored with {bits} bits but uses {used}: scaled by {2**used - 1}.")
    return np.divide(samples, 2**used - 1, dtype=np.float32)


def own_range(samples: Samples, name: str, film: NDArray[np.bool_] | None = None) -> Pixels:
    """Samples spread from their minimum to their maximum over [0, 1]; film (H, W) limits where to look.

    Raises UnreadableImage when a sample is not a finite number.
    """
    looked_at = samples if film is None else samples[film]
    low, high = float(looked_at.min()), float(looked_at.max())
    if not np.isfinite([low, high]).all():
        raise UnreadableImage(
            f"{name} holds samples that are not numbers (NaN or infinity).",
            hint="Replace them in the program that wrote the file, and save it again.",
        )
    spread = (samples.astype(np.float64) - low) / ((high - low) or 1.0)
    return np.clip(spread, 0.0, 1.0).astype(np.float32)


def refuse_oversized(name: str, rows: int, columns: int) -> None:
    """Raises UnreadableImage for more than 100 megapixels: called with the header's size, before decoding."""
    if rows * columns > MAX_PIXELS:
        raise oversized(name)


def oversized(name: str) -> UnreadableImage:
    """Return the error for an image with too many pixels."""
    return UnreadableImage(
        f"{name} claims more than {MAX_PIXELS // 1_000_000} megapixels.",
        hint="Scale it down to under 10,000 x 10,000 pixels and upload it again.",
    )
