"""JPEG, JPEG-LS and JPEG 2000 codestreams: their headers, and JPEG files of more than 8 bits."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

import imagecodecs
import numpy as np

from xray.errors import UnreadableImage
from xray.io.scaling import Samples

LOSSLESS, JPEG_LS = 0xC3, 0xF7  # ISO 10918-1 table B.1 and ISO 14495-1: markers of frame headers
FRAMES = {*range(0xC0, 0xD0), JPEG_LS} - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = {0xC2, 0xCA}
HIERARCHICAL = {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF}
LOSSLESS_ARITHMETIC = 0xCB
START_OF_SCAN = 0xDA
NUMBER_OF_LINES = b"\xff\xdc\x00\x04"  # marker and length of the segment (ISO 10918-1 B.2.5)
SAVE_AS_PNG = "Save it as PNG in the program that opens it, and upload that."
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
    at = _start_of_frame(stream)
    return Frame(stream[at + 1], *struct.unpack_from(">BHHB", stream, at + 4))


def _start_of_frame(stream: bytes) -> int:
    return next(at for marker, at in _segments(stream) if marker in FRAMES)


def with_height(stream: bytes, name: str) -> bytes:
    """Return a codestream with the height in its frame header, also if a segment behind the scan defines it.

    Raises:
        UnreadableImage: If the height is in neither.
        struct.error: If there is no frame header.
    """
    if frame_of(stream).rows:
        return stream
    height = _start_of_frame(stream) + 5
    at = stream.find(NUMBER_OF_LINES, scan_of(stream)) + len(NUMBER_OF_LINES)
    lines = stream[at : at + 2]
    if at < len(NUMBER_OF_LINES) or not any(lines):
        raise UnreadableImage(f"{name} is a JPEG without the height of its picture.", hint=SAVE_AS_PNG)
    return stream[:height] + lines + stream[height + 2 :]


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
            hint=SAVE_AS_PNG,
        )


def read_with_imagecodecs(data: bytes, name: str, notes: list[str]) -> tuple[Samples, int] | None:
    """Decode a JPEG file that Pillow does not: 9 to 16 bits, lossless, JPEG-LS, or of two components.

    Args:
        data: Contents of the file.
        name: Name of the file, for messages.
        notes: Receives a note if a component is left out.

    Returns:
        Samples (H, W, 1 or 3) and their bits; None for a file that Pillow decodes.

    Raises:
        UnreadableImage: If no decoder exists for this number of components.
    """
    frame = frame_of(data)
    is_usual = frame.bits == 8 and frame.marker not in (LOSSLESS, JPEG_LS)
    if is_usual and frame.samples in (1, 3, 4):
        return None
    if frame.samples > 3:
        raise UnreadableImage(
            f"{name} is a JPEG of {frame.samples} components with {frame.bits} bits, for which there is no "
            "decoder.",
            hint=SAVE_AS_PNG,
        )
    samples = np.atleast_3d(decoder_of(frame)(data))
    if frame.samples == 2:
        notes.append("First of two components, whose meaning the JPEG does not define.")
    return samples[..., : 3 if frame.samples == 3 else 1], frame.bits


def decoder_of(frame: Frame) -> Callable[[bytes], Samples]:
    """The decoder of imagecodecs for a JPEG or JPEG-LS codestream."""
    return imagecodecs.jpegls_decode if frame.marker == JPEG_LS else imagecodecs.jpeg_decode
