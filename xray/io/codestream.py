"""JPEG, JPEG-LS and JPEG 2000 codestreams inside DICOM files: what their headers declare, and decoding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import imagecodecs
import numpy as np

from xray.io.jpeg import (
    JPEG_LS,
    LOSSLESS,
    START_OF_IMAGE,
    codestream_shape,
    frame_of,
    require_decoder,
    scan_of,
)
from xray.io.jpeg_end import refuse_gray_end, with_end
from xray.io.scaling import Samples

START_OF_CODESTREAM, START_OF_TILE = b"\xff\x4f\xff\x51", b"\xff\x93"  # ISO 15444-1 table A.1
SIGNATURES = (START_OF_IMAGE, START_OF_CODESTREAM, b"\0\0\0\x0cjP  ")


class Header(NamedTuple):
    """What a codestream declares.

    Attributes:
        kind: "JPEG", "JPEG-LS" or "JPEG 2000".
        rows: Number of rows.
        columns: Number of columns.
        samples: Samples per pixel.
        bits: Bits per sample.
        lossless: Whether it is lossless JPEG, which stores colors as they are.
    """

    kind: str
    rows: int
    columns: int
    samples: int
    bits: int
    lossless: bool = False

    @property
    def container(self) -> int:
        """Bits per sample when decoded."""
        return 8 if self.bits <= 8 else 16 if self.bits <= 16 else 32


def header_of(stream: bytes, name: str) -> Header:
    """Read the header of a codestream.

    Args:
        stream: The codestream.
        name: Name of the file, for messages.

    Raises:
        UnreadableImage: If no decoder exists for its coding process.
        struct.error, ValueError: If it is damaged.
    """
    if not stream.startswith(START_OF_IMAGE):
        depth = stream[stream.index(START_OF_CODESTREAM) + 42]  # ISO 15444-1 A.5.1: Ssiz
        return Header("JPEG 2000", *codestream_shape(stream), (depth & 0x7F) + 1)
    frame = frame_of(stream)
    require_decoder(frame, name)
    kind = "JPEG-LS" if frame.marker == JPEG_LS else "JPEG"
    return Header(kind, *frame[2:], frame.bits, lossless=frame.marker == LOSSLESS)


def decode(stream: bytes, header: Header, photometric: str, signed: bool, notes: list[str]) -> Samples:
    """Decode a codestream.

    Args:
        stream: The codestream; bytes behind its end are ignored.
        header: Its header.
        photometric: Photometric Interpretation of the DICOM header, for undeclared color spaces.
        signed: Whether samples are signed; JPEG and JPEG-LS do not store it.
        notes: Receives a note if the end marker is missing.

    Returns:
        Samples (H, W) or RGB (H, W, 3) in integers of 8, 16 or 32 bits.

    Raises:
        EOFError: If the codestream is cut short.
        RuntimeError: If it is damaged.
    """
    is_jpeg_2000 = header.kind == "JPEG 2000"
    data = stream.find(START_OF_TILE) if is_jpeg_2000 else scan_of(stream)
    raw_colors = header.kind != "JPEG" or header.lossless
    convert = _decoder(header, raw_colors or _is_rgb(stream[:data], photometric))
    samples = convert(with_end(stream, data, convert, header.kind == "JPEG", notes))
    if samples.shape[:2] != (header.rows, header.columns):
        raise ValueError("decoded to another size")
    if header.kind == "JPEG":
        refuse_gray_end(stream, samples[-1] / np.float32(2**header.bits - 1))
    if samples.ndim == 3 and raw_colors and photometric.startswith("YBR_FULL"):
        samples = np.repeat(samples[..., :1], 3, axis=2)  # Y is the luminance
    return _with_sign(samples, header.bits, signed)


def _decoder(header: Header, is_rgb: bool) -> Callable[[bytes], Samples]:
    if header.kind == "JPEG 2000":
        return imagecodecs.jpeg2k_decode
    if header.kind == "JPEG-LS":
        return imagecodecs.jpegls_decode
    if header.samples == 3 and is_rgb:
        return partial(imagecodecs.jpeg8_decode, colorspace="RGB", outcolorspace="RGB")
    return imagecodecs.jpeg8_decode


def _is_rgb(segments: bytes, photometric: str) -> bool:
    """Whether the header declares RGB, and no JFIF or Adobe segment of the JPEG defines the color space."""
    return photometric == "RGB" and b"JFIF\0" not in segments and b"Adobe" not in segments


def _with_sign(samples: Samples, bits: int, signed: bool) -> Samples:
    if (samples.dtype.kind == "i") == signed:
        return samples
    unused = 8 * samples.dtype.itemsize - bits
    return (samples.view(f"{'i' if signed else 'u'}{samples.dtype.itemsize}") << unused) >> unused
