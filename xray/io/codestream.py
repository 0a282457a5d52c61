"""JPEG, JPEG-LS and JPEG 2000 codestreams inside DICOM files: what their headers declare, and decoding."""

from __future__ import annotations

from typing import NamedTuple

import imagecodecs
import numpy as np

from xray.io.jpeg import END_OF_IMAGE, JPEG_LS, LOSSLESS, codestream_shape, frame_of, require_decoder
from xray.io.scaling import Samples

START_OF_IMAGE, START_OF_SCAN = b"\xff\xd8", b"\xff\xda"  # ISO 10918-1 table B.1
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


def decode(stream: bytes, header: Header, photometric: str, signed: bool) -> Samples:
    """Decode a codestream.

    Args:
        stream: The codestream; bytes behind its end are ignored.
        header: Its header.
        photometric: Photometric Interpretation of the DICOM header, for undeclared color spaces.
        signed: Whether samples are signed; JPEG and JPEG-LS do not store it.

    Returns:
        Samples (H, W) or RGB (H, W, 3) in integers of 8, 16 or 32 bits.

    Raises:
        ValueError: If the codestream has no end; decoders would fill the rest with gray.
        RuntimeError: If it is damaged.
    """
    data = stream.find(START_OF_TILE if header.kind == "JPEG 2000" else START_OF_SCAN)
    end = stream.rfind(END_OF_IMAGE)
    if not 0 <= data < end:
        raise ValueError("codestream without an end")
    stream = stream[: end + 2]
    raw_colors = header.kind != "JPEG" or header.lossless
    if header.kind == "JPEG 2000":
        samples = imagecodecs.jpeg2k_decode(stream)
    elif header.kind == "JPEG-LS":
        samples = imagecodecs.jpegls_decode(stream)
    elif header.samples == 3 and (raw_colors or _is_rgb(stream[:data], photometric)):
        samples = imagecodecs.jpeg8_decode(stream, colorspace="RGB", outcolorspace="RGB")
    else:
        samples = imagecodecs.jpeg8_decode(stream)
    if samples.shape[:2] != (header.rows, header.columns):
        raise ValueError("decoded to another size")
    if samples.ndim == 3 and raw_colors and photometric.startswith("YBR_FULL"):
        samples = np.repeat(samples[..., :1], 3, axis=2)  # Y is the luminance
    return _with_sign(samples, header.bits, signed)


def _is_rgb(segments: bytes, photometric: str) -> bool:
    """Whether the header declares RGB, and no JFIF or Adobe segment of the JPEG defines the color space."""
    return photometric == "RGB" and b"JFIF\0" not in segments and b"Adobe" not in segments


def _with_sign(samples: Samples, bits: int, signed: bool) -> Samples:
    if (samples.dtype.kind == "i") == signed:
        return samples
    unused = 8 * samples.dtype.itemsize - bits
    return (samples.view(f"{'i' if signed else 'u'}{samples.dtype.itemsize}") << unused) >> unused
