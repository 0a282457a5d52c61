"""The elements of the image pixel module (PS3.3 C.7.6.3), with missing and wrong ones replaced."""

from __future__ import annotations

from math import ceil, prod

from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.tag import Tag

from xray.errors import UnreadableImage
from xray.io.codestream import Header
from xray.io.dicom_header import cut_short, integer, text
from xray.io.dicom_lut import palette
from xray.io.scaling import refuse_oversized

COLORS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
OTHER_COLORS = ("HSV", "ARGB", "CMYK", "YBR_PARTIAL_422", "YBR_PARTIAL_420")
PALETTE_COLOR = "PALETTE COLOR"
GRAYS = ("MONOCHROME2", "MONOCHROME1", PALETTE_COLOR)
CONTAINERS = (1, 8, 16, 32, 64)


def use_codestream(dataset: Dataset, header: Header, name: str, notes: list[str]) -> None:
    """Set the elements that a codestream determines, then complete the others."""
    refuse_oversized(name, header.rows, header.columns)
    corrected: list[str] = []
    _set(dataset, "Rows", header.rows, corrected)
    _set(dataset, "Columns", header.columns, corrected)
    _set(dataset, "SamplesPerPixel", header.samples, corrected)
    _set(dataset, "BitsAllocated", header.container, corrected)
    if (integer(dataset, "BitsStored") or header.bits) > header.bits:
        dataset.BitsStored = header.bits
    _complete_rest(dataset, name, notes, corrected)


def use_rle(dataset: Dataset, segments: int, name: str, notes: list[str]) -> None:
    """Set what the number of RLE segments, one for each byte of a pixel, determines; complete the others."""
    corrected: list[str] = []
    _require_size(dataset, name)
    samples = integer(dataset, "SamplesPerPixel")
    if not samples or segments % samples:
        samples = 3 if segments % 3 == 0 else 1
    _set(dataset, "SamplesPerPixel", samples, corrected)
    _set(dataset, "BitsAllocated", 8 * segments // samples, corrected)
    _complete_rest(dataset, name, notes, corrected)


def complete(dataset: Dataset, length: int, name: str, notes: list[str]) -> None:
    """Complete the elements for uncompressed pixel data of a length in bytes."""
    corrected: list[str] = []
    _require_size(dataset, name)
    pixels = dataset.Rows * dataset.Columns
    frames = integer(dataset, "NumberOfFrames") or 1
    samples, bits = integer(dataset, "SamplesPerPixel"), integer(dataset, "BitsAllocated")
    photometric = text(dataset, "PhotometricInterpretation")
    if samples is None:
        of_color = photometric in COLORS or (not photometric and bits and 24 * pixels == 8 * length)
        samples = 3 if of_color else 1
    _set(dataset, "SamplesPerPixel", samples, corrected)
    if "PixelData" not in dataset:
        bits = 32 if "FloatPixelData" in dataset else 64
        if length < _bytes(dataset, photometric, bits):
            raise cut_short(name)
    elif bits not in CONTAINERS or length < _bytes(dataset, photometric, bits):
        bits = _container(dataset, photometric, length, frames, bits, name)
    _set(dataset, "BitsAllocated", bits, corrected)
    _complete_rest(dataset, name, notes, corrected)


def is_uncompressed(dataset: Dataset, length: int) -> bool:
    """Whether pixel data of a length in bytes have exactly the size that the header describes."""
    factors = [integer(dataset, keyword) for keyword in ("Rows", "Columns", "BitsAllocated")]
    factors += [integer(dataset, keyword) or 1 for keyword in ("SamplesPerPixel", "NumberOfFrames")]
    return all(factors) and length - ceil(prod(factor or 0 for factor in factors) / 8) in (0, 1)


def frame_length(dataset: Dataset) -> int:
    """Bytes of an uncompressed frame, by a completed header."""
    return _bytes(dataset, dataset.PhotometricInterpretation, dataset.BitsAllocated)


def _bytes(dataset: Dataset, photometric: str, bits: int) -> int:
    samples = 2 if photometric == "YBR_FULL_422" else dataset.SamplesPerPixel
    return ceil(dataset.Rows * dataset.Columns * samples * bits / 8)


def _container(
    dataset: Dataset, photometric: str, length: int, frames: int, bits: int | None, name: str
) -> int:
    """BitsAllocated by the length of the pixel data, where the header has none that fits."""
    for candidate in (8, 16, 32):
        frame = _bytes(dataset, photometric, candidate)
        if length in (frame, frame + 1, frames * frame, frames * frame + 1):
            return candidate
    if bits in CONTAINERS:
        raise cut_short(name)
    if bits:
        raise UnreadableImage(
            f"{name} is a DICOM file with BitsAllocated {min(bits, 99)}, which is not supported.",
            hint="Export it again with 8 or 16 bits per pixel, or upload a PNG.",
        )
    return 8 if (integer(dataset, "BitsStored") or 16) <= 8 else 16


def _require_size(dataset: Dataset, name: str) -> None:
    for keyword in ("Rows", "Columns"):
        if not (size := integer(dataset, keyword)):
            raise UnreadableImage(
                f"{name} is a DICOM file without a valid value of {keyword}, the size of its image.",
                hint="Export it again, or upload a PNG.",
            )
        _set(dataset, keyword, size, [])
    refuse_oversized(name, dataset.Rows, dataset.Columns)


def _complete_rest(dataset: Dataset, name: str, notes: list[str], corrected: list[str]) -> None:
    photometric = text(dataset, "PhotometricInterpretation")
    samples, container = dataset.SamplesPerPixel, dataset.BitsAllocated
    if samples not in (1, 3) or (samples == 3 and photometric in OTHER_COLORS):
        called = f" ({photometric})" if photometric in OTHER_COLORS else ""
        raise UnreadableImage(
            f"{name} is a DICOM file in a color space that is not supported{called}.",
            hint="Export it again in grayscale or RGB, or upload a PNG.",
        )
    if photometric == PALETTE_COLOR and not palette(dataset):
        photometric = ""
    known, usual = (GRAYS, GRAYS[0]) if samples == 1 else (COLORS, COLORS[0])
    _set(dataset, "PhotometricInterpretation", photometric if photometric in known else usual, corrected)
    if "PixelData" in dataset:
        bits = integer(dataset, "BitsStored") or 0
        bits = bits if 1 <= bits <= container else container
        high = integer(dataset, "HighBit") or 0
        representation = integer(dataset, "PixelRepresentation") if samples == 1 else 0
        _set(dataset, "BitsStored", bits, corrected)
        _set(dataset, "HighBit", high if bits - 1 <= high < container else bits - 1, corrected)
        _set(dataset, "PixelRepresentation", representation if representation in (0, 1) else 0, corrected)
    if samples > 1:
        planar = integer(dataset, "PlanarConfiguration")
        _set(dataset, "PlanarConfiguration", planar if planar in (0, 1) else 0, corrected)
    if corrected:
        notes.append(f"Header corrected: {', '.join(corrected)}.")


def _set(dataset: Dataset, keyword: str, value: int | str, corrected: list[str]) -> None:
    """Set an element, and record it if the header has another value."""
    found = text(dataset, keyword) if isinstance(value, str) else integer(dataset, keyword)
    if found != value:
        corrected.append(f"{keyword} {value} ({'missing' if found in (None, '') else 'wrong'})")
    dataset.add_new(Tag(keyword), dictionary_VR(keyword), value)
