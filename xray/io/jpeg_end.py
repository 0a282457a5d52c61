"""Whether a JPEG codestream holds its whole picture, also without its end marker."""

from __future__ import annotations

import struct
from collections.abc import Callable

import imagecodecs
import numpy as np

from xray.io.jpeg import (
    END_OF_IMAGE,
    JPEG_LS,
    PROGRESSIVE,
    START_OF_SCAN,
    decoder_of,
    frame_of,
    require_decoder,
    scan_of,
    with_height,
)
from xray.io.scaling import Samples, refuse_oversized
from xray.types import Pixels

# Data for each restart interval and its marker (RST0 to RST7); from the first bit unlike zeros
FILLING = b"".join(40 * b"\xa5\x5a\x33\xc7\x1e" + bytes([0xFF, 0xD0 + number]) for number in range(8))
GRAY = 0.006  # largest difference from 0.5 of what decoders show in place of missing data


def with_end(
    stream: bytes, scan: int, decode: Callable[[bytes], Samples], fills: bool, notes: list[str]
) -> bytes:
    """Return a codestream up to its end marker, which is added if nothing else is missing.

    Args:
        stream: The codestream.
        scan: Where its data begins.
        decode: Its decoder.
        fills: Whether the decoder shows gray in place of missing data. Then the codestream is decoded with
            other data behind its end: this changes the result if the decoder uses it.
        notes: Receives a note if the marker is missing.

    Raises:
        EOFError: If the codestream is cut short.
    """
    end = stream.rfind(END_OF_IMAGE)
    if end > scan:
        return stream[: end + len(END_OF_IMAGE)]
    data = stream.rstrip(b"\0") if fills else stream.removesuffix(b"\xff")
    data += b"\0" if data.endswith(b"\xff") else b""  # ISO 10918-1 B.1.1.5: FF among data is followed by 0
    if not _is_complete(data, decode, fills):
        raise EOFError
    notes.append("The end marker of the JPEG is missing, but its picture is complete.")
    return data + END_OF_IMAGE


def refuse_gray_end(stream: bytes, last_row: Pixels) -> None:
    """Refuse a JPEG with an end marker whose data ends before its picture.

    Args:
        stream: The file or codestream.
        last_row: Its last row as decoded, in [0, 1], which is gray if data is missing.

    Raises:
        EOFError: If data is missing.
    """
    if np.abs(last_row - 0.5).max() > GRAY or frame_of(stream).marker == JPEG_LS:
        return
    if not _is_complete(stream[: stream.rindex(END_OF_IMAGE)], imagecodecs.jpeg_decode, fills=True):
        raise EOFError


def _is_complete(data: bytes, decode: Callable[[bytes], Samples], fills: bool) -> bool:
    if fills and not _has_all_scans(data):
        return False
    try:
        samples = decode(data + END_OF_IMAGE)
        return not fills or np.array_equal(samples, decode(data + FILLING + END_OF_IMAGE))
    except RuntimeError:
        return False


def file_with_end(data: bytes, name: str, notes: list[str]) -> bytes:
    """Return a JPEG or JPEG-LS file with its height and its end marker, if no more than these is missing.

    Raises:
        UnreadableImage: If no decoder exists for the coding process, or the picture is too large.
        EOFError: If the file is cut short.
    """
    require_decoder(frame_of(data), name)
    data = with_height(data, name)
    frame = frame_of(data)
    refuse_oversized(name, frame.rows, frame.columns)
    return with_end(data, scan_of(data), decoder_of(frame), frame.marker != JPEG_LS, notes)


def _has_all_scans(stream: bytes) -> bool:
    """Whether each component and, in a progressive JPEG, each coefficient is there to its last bit."""
    frame = frame_of(stream)
    is_progressive = frame.marker in PROGRESSIVE
    missing_bits: dict[tuple[int, int], int] = {}
    at = scan_of(stream)
    while at >= 0:  # ISO 10918-1 B.2.3: components, first and last coefficient, bits that this scan omits
        count = stream[at + 4]
        first, last, bits = struct.unpack_from("3B", stream, at + 5 + 2 * count)
        coefficients = range(first, last + 1) if is_progressive else range(1)
        for component in stream[at + 5 : at + 5 + 2 * count : 2]:
            omitted = bits & 15 if is_progressive else 0
            missing_bits |= dict.fromkeys(((component, number) for number in coefficients), omitted)
        at = stream.find(bytes((0xFF, START_OF_SCAN)), at + 1)
    complete = len(missing_bits) == frame.samples * (64 if is_progressive else 1)
    return complete and not any(missing_bits.values())
