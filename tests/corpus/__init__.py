"""Files made by code: small films in every format and DICOM with any header, the same bytes every time."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from xray.imaging.phantom import simulated_samples

Samples = NDArray[Any]


def ramp(rows: int = 48, columns: int = 64, dtype: str = "u2") -> Samples:
    """Every value from 0 on once, in reading order, modulo the range of dtype."""
    return np.arange(rows * columns).astype(dtype).reshape(rows, columns)


def film(rows: int = 64, columns: int = 48) -> Samples:
    """uint8 (H, W), smooth with a little grain: what compresses like a film."""
    slope = np.add.outer(np.arange(rows) * 2.0, np.arange(columns) * 1.5)
    return (slope + np.random.default_rng(7).uniform(0, 6, slope.shape)).astype(np.uint8)


def colors(rows: int = 64, columns: int = 48) -> Samples:
    """uint8 (H, W, 3): three different films as red, green and blue."""
    gray = film(rows, columns)
    return np.stack([gray, gray // 2, 255 - gray], axis=-1)


def raster(picture: Samples | Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as Pillow writes it."""
    buffer = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(samples: Samples, **options: Any) -> bytes:
    """Samples as tifffile writes them."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, **options)
    return buffer.getvalue()


def jpeg_12_bit(samples: Samples, **options: Any) -> bytes:
    """A JPEG file with 12 bits per sample, as libjpeg-turbo writes it."""
    return imagecodecs.jpeg_encode(samples, bitspersample=12, **options)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, color: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG from its packed and filtered rows: for depths that no library writes."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def dicom(
    stored: Samples | None = None,
    syntax: str = ExplicitVRLittleEndian,
    codestream: bytes = b"",
    **elements: Any,
) -> bytes:
    """A DICOM file that holds stored (H, W) or (H, W, 3), with these elements over the usual ones."""
    return saved(dataset_of(stored, syntax, codestream, **elements))


def saved(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    syntax = dataset.file_meta.TransferSyntaxUID
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    dataset.save_as(buffer, implicit_vr=implicit, little_endian=little, enforce_file_format=True)
    return buffer.getvalue()


def dataset_of(
    stored: Samples | None, syntax: str = ExplicitVRLittleEndian, codestream: bytes = b"", **elements: Any
) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID, dataset.SOPInstanceUID = ComputedRadiographyImageStorage, "1.2.3"
    if stored is not None:
        depth = 8 * stored.dtype.itemsize
        dataset.Rows, dataset.Columns = stored.shape[:2]
        dataset.SamplesPerPixel = 1 if stored.ndim == 2 else 3
        dataset.PhotometricInterpretation = "MONOCHROME2" if stored.ndim == 2 else "RGB"
        if stored.ndim == 3:
            dataset.PlanarConfiguration = 0
        dataset.BitsAllocated = dataset.BitsStored = depth
        dataset.HighBit = depth - 1
        dataset.PixelRepresentation = int(stored.dtype.kind == "i")
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        native = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
        dataset.PixelData = encapsulate([codestream]) if codestream else native + b"\0" * (len(native) % 2)
        dataset["PixelData"].VR = "OW" if depth > 8 and not codestream else "OB"
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def lut(entries: list[int], first: int, bits: int, vr: str = "US", order: str = "<") -> Sequence:
    """The sequence of a modality or VOI LUT (DICOM PS3.3 C.11.1)."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if first >= 0 else "SS", [len(entries), first, bits])
    item.add_new("LUTData", vr, entries if vr == "US" else np.array(entries, f"{order}u2").tobytes())
    return Sequence([item])


def unit(samples: Samples, full_scale: int = 255) -> Samples:
    """Samples over their full scale, float32: what a reader must give."""
    return (samples / np.float64(full_scale)).astype(np.float32)


def bt601(rgb: Samples) -> Samples:
    """Luminance (H, W) in [0, 1] of 8-bit colors (H, W, 3), by ITU-R BT.601."""
    return rgb @ np.array([0.299, 0.587, 0.114]) / 255


@cache
def simulated_png(number: int) -> bytes:
    """A simulated radiograph, by its place among the samples, as an 8-bit PNG."""
    pixels = simulated_samples()[number].build().radiograph.pixels
    return raster(np.rint(pixels * 255).astype(np.uint8), "PNG")
