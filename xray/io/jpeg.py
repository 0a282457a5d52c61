"""JPEG, JPEG-LS and JPEG 2000 codestreams: their headers, and JPEG files of more than 8 bits."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

import imagecodecs

from xray.errors import UnreadableImage
from xray.io.scaling import Samples

LOSSLESS, JPEG_LS = 0xC3, 0xF7  # ISO 10918-1 table B.1 and ISO 14495-1: markers of frame headers
FRAMES = {*range(0xC0, 0xD0), JPEG_LS} - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = {0xC2, 0xCA}
HIERARCHICAL = {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF}
LOSSLESS_ARITHMETIC = 0xCB
START_OF_SCAN = 0xDA
START_OF_IMAGE, END_OF_IMAGE = b"\xff\xd8", b"\xff\xd9"


class Frame(NamedTuple):
    """Frame header of a JPEG or JPEG-LS codestream (ISO 10918-1 B.2.2).

    Attributes:
        marker: Second byte of its marker, which identifies the coding process.
        bits: Sample precision.
        rows: Number of rows.
        columns: Number of columns.
        samples: Number of components.
    """

    marker: int
    bits: int
    rows: int
    columns: int
    samples: int


def frame_of(stream: bytes) -> Frame:
    """Return the frame header of a JPEG or JPEG-LS codestream.

    Raises:
        struct.error: If there is none.
    """
    at = next(at for marker, at in _segments(stream) if marker in FRAMES)
    return Frame(stream[at + 1], *struct.unpack_from(">BHHB", stream, at + 4))


def scan_of(stream: bytes) -> int:
    """Return where the first scan of a JPEG or JPEG-LS codestream begins. Raises struct.error without one."""
    return next(at for marker, at in _segments(stream) if marker == START_OF_SCAN)


def _segments(stream: bytes) -> Iterator[tuple[int, int]]:
    """Markers, without their first byte, and where they stand, before the data of the first scan."""
    at = len(START_OF_IMAGE)
    while True:
        marker, length = struct.unpack_from(">HH", stream, at)
        yield marker - 0xFF00, at
        at += 1 if marker == 0xFFFF else 2 + length


def codestream_shape(stream: bytes) -> tuple[int, int, int]:
    """(rows, columns, samples) that a JPEG, JPEG-LS or JPEG 2000 codestream declares; raises struct.error."""
    if stream.startswith(START_OF_IMAGE):
        return frame_of(stream)[2:]
    siz = stream.index(b"\xff\x4f\xff\x51", 0, 4096) + 8  # ISO 15444-1 A.5.1
    columns, rows, left, top = struct.unpack_from(">4I", stream, siz)
    return rows - top, columns - left, struct.unpack_from(">H", stream, siz + 32)[0]


def require_decoder(frame: Frame, name: str) -> None:
    """Raises UnreadableImage if no decoder exists for the coding process of a frame."""
    if frame.marker in HIERARCHICAL or frame.marker == LOSSLESS_ARITHMETIC:
        process = "hierarchical" if frame.marker in HIERARCHICAL else "lossless and arithmetic-coded"
        raise UnreadableImage(
            f"{name} is a {process} JPEG, for which there is no decoder.",
            hint="Save it as PNG in the program that opens it, and upload that.",
        )


def read_with_imagecodecs(data: bytes) -> tuple[Samples, int] | None:
    """Decode a JPEG file that Pillow does not: 9 to 16 bits, lossless, or JPEG-LS.

    Returns:
        Samples (H, W) or (H, W, 3) and their bits; None for a file that Pillow decodes.
    """
    frame = frame_of(data)
    if frame.bits == 8 and frame.marker not in (LOSSLESS, JPEG_LS):
        return None
    return decoder_of(frame)(data), frame.bits


def decoder_of(frame: Frame) -> Callable[[bytes], Samples]:
    """The decoder of imagecodecs for a JPEG or JPEG-LS codestream."""
    return imagecodecs.jpegls_decode if frame.marker == JPEG_LS else imagecodecs.jpeg_decode
