"""RLE of DICOM files (PS3.5 annex G): each byte of a sample in its own segment, packed as PackBits."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np

from xray.io.scaling import Samples

HEADER = struct.Struct("<16I")  # number of segments, and offset of each
SLACK = 4096  # bytes that a segment may hold beyond its part of a frame


def is_rle(fragment: bytes) -> bool:
    """Whether a fragment starts with the number of its segments and the offset of the first."""
    return len(fragment) > HEADER.size and 1 <= fragment[0] <= 15 and fragment[1:8] == b"\0\0\0\x40\0\0\0"


def segments_of(frame: bytes) -> int:
    """Number of segments of a frame."""
    return int(HEADER.unpack_from(frame)[0])


def decode_rle(frame: bytes, rows: int, columns: int, samples: int, signed: bool) -> Samples:
    """Decode a frame.

    Args:
        frame: Header and segments, for each sample the one of its highest byte first.
        rows: Number of rows.
        columns: Number of columns.
        samples: Samples per pixel, a divisor of the number of segments.
        signed: Whether samples are signed.

    Returns:
        Integers (H, W) or (H, W, samples).

    Raises:
        EOFError: If a segment holds less than its part of the frame.
        RuntimeError: If a segment is damaged.
    """
    count, *offsets = HEADER.unpack_from(frame)
    ends = [*offsets[1:count], len(frame)]
    pixels, width = rows * columns, count // samples
    planes = np.empty((pixels, samples, width), np.uint8)
    for number, (start, end) in enumerate(zip(offsets, ends, strict=False)):
        plane = imagecodecs.packbits_decode(frame[start:end], out=pixels + SLACK)
        if len(plane) < pixels:
            raise EOFError
        sample, byte = divmod(number, width)
        planes[:, sample, width - 1 - byte] = np.frombuffer(plane, np.uint8, pixels)
    values = planes.view(f"<{'i' if signed else 'u'}{width}")
    return values.reshape((rows, columns, samples) if samples > 1 else (rows, columns))
