"""TIFF files: the page that shows the film, and its samples."""

from __future__ import annotations

from io import BytesIO
from itertools import chain
from math import prod

import numpy as np
from tifffile import TiffFile, TiffPage

from xray.errors import UnreadableImage
from xray.io.color import color_of
from xray.io.jpeg import codestream_shape
from xray.io.scaling import MAX_PIXELS, Samples, flatten, flatten_ink, note_aspect, refuse_oversized
from xray.types import Color, Pixels

MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6  # TIFF 6.0, tag 262
JPEG, JPEG_2000 = 7, (33003, 33004, 33005, 34712)
COMPRESSIONS = (1, 2, 3, 4, 5, JPEG, 8, 32773, 32946, 34925, 50000, *JPEG_2000)
ASSOCIATED, UNASSOCIATED = 1, 2  # TIFF 6.0, tag 338
REDUCED_OR_MASK = 0b101  # TIFF 6.0, tag 254: bits of a thumbnail and of a transparency mask
OLD_REDUCED = 2  # tag 255
SMALLEST_FILM = 0.25  # of the pixels of the largest page; smaller pages before it are thumbnails


def read_tiff(data: bytes, name: str, notes: list[str]) -> tuple[Pixels, int, int, Color]:
    """Read the first page of full size.

    Returns:
        Pixels (H, W) in [0, 1], bits per sample, orientation (tag 274) and color.
    """
    with BytesIO(data) as file, TiffFile(file) as tiff:  # closing the file frees its bytes
        page = _film_page(tiff, notes)
        refuse_oversized(name, page.imagelength, page.imagewidth)
        _refuse_unsupported(page, name)
        _refuse_cut(page, data)
        _note_resolution(page, notes)
        planes = _planes(page, data)
        samples = np.moveaxis(planes, 0, -1).reshape(*planes.shape[1:3], -1)
        bits = page.bitspersample

        if page.photometric == PALETTE:
            samples = np.asarray(page.colormap).T[samples[..., 0]]
            pixels = flatten(samples, 16, name, notes)
        elif page.photometric == CMYK:
            pixels = flatten_ink(samples[..., :4], bits, name, notes)
            samples = (2**bits - 1 if samples.dtype.kind == "u" else 1) - samples[..., :3]
        else:
            colors = 3 if page.photometric in (RGB, YCBCR) else 1
            alpha = [extra for extra in page.extrasamples[:1] if extra in (ASSOCIATED, UNASSOCIATED)]
            samples = samples[..., : colors + len(alpha)]
            pixels = flatten(samples, bits, name, notes, ASSOCIATED in alpha)
        if page.photometric == MIN_IS_WHITE:
            np.subtract(1, pixels, out=pixels)
            notes.append("Stored with white as the minimum: inverted, so that bright is dense.")
        orientation = page.tags.valueof(274, default=1)
    return pixels, bits, orientation, color_of(samples)


def _film_page(tiff: TiffFile, notes: list[str]) -> TiffPage:
    """The first page, or page within a page, that is neither a thumbnail nor a mask."""
    nested = (page for outer in tiff.pages for page in chain([outer], outer.pages or ()))
    pages = [page for page in nested if isinstance(page, TiffPage)]
    films = [page for page in pages if not _is_reduced_or_mask(page)] or pages
    largest = max(page.imagelength * page.imagewidth for page in films)
    film = next(page for page in films if page.imagelength * page.imagewidth >= SMALLEST_FILM * largest)
    number = pages.index(film) + 1
    if number > 1:
        notes.append(f"Page {number} of {len(pages)}: the pages before it are thumbnails or masks.")
    elif len(pages) > 1:
        notes.append(f"First of {len(pages)} pages.")
    return film


def _planes(page: TiffPage, data: bytes) -> Samples:
    """Samples (planes, H, W, samples); a view of the file where they are stored as in memory."""
    if page.dtype is None or not page.is_final:
        return page.asarray(squeeze=False)[:, 0]
    stored = page.dtype.newbyteorder(page.parent.byteorder)
    samples = np.frombuffer(data, stored, prod(page.shaped), page.dataoffsets[0])
    return samples.reshape(page.shaped)[:, 0]


def _is_reduced_or_mask(page: TiffPage) -> bool:
    old = page.tags.valueof(255, default=0)
    return bool(page.subfiletype & REDUCED_OR_MASK) or old == OLD_REDUCED


def _refuse_unsupported(page: TiffPage, name: str) -> None:
    known = page.photometric in (MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, CMYK) or (
        page.photometric == YCBCR and page.compression in (JPEG, *JPEG_2000)
    )
    if page.compression not in COMPRESSIONS:
        kind = f"compressed as {getattr(page.compression, 'name', page.compression)}"
    elif not known:
        kind = f"in the color space {getattr(page.photometric, 'name', page.photometric)}"
    elif page.imagedepth != 1 or page.samplesperpixel > 8:
        kind = f"with {page.imagedepth} x {page.samplesperpixel} layers and channels"
    elif page.dtype is None or page.dtype.kind not in "buif":
        kind = "of numbers that are not integers or floats"
    else:
        return
    raise UnreadableImage(
        f"{name} is a TIFF {kind}, which is not supported.",
        hint="Save it as a grayscale or RGB TIFF, uncompressed or with LZW, or upload a PNG.",
    )


def _refuse_cut(page: TiffPage, data: bytes) -> None:
    """Refuse a TIFF file with missing strips, which tifffile would fill with a flat gray."""
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if len(segments) < np.prod(page.chunked):
        raise ValueError("strips missing")
    if not all(0 < count <= len(data) - offset for offset, count in segments):
        raise ValueError("strips beyond the end of the file")
    if page.compression in (JPEG, *JPEG_2000):
        shapes = [codestream_shape(data[offset : offset + count]) for offset, count in segments]
        if sum(rows * columns for rows, columns, _ in shapes) > 2 * MAX_PIXELS:
            raise ValueError("strips too large")


def _note_resolution(page: TiffPage, notes: list[str]) -> None:
    (x, x_unit), (y, y_unit) = (page.tags.valueof(tag, default=(0, 1)) for tag in (282, 283))
    if min(x, x_unit, y, y_unit) > 0:
        note_aspect(y_unit / y, x_unit / x, notes)
