"""TIFF files that are damaged or hold no film."""

from __future__ import annotations

import io
import struct

import numpy as np
from tifffile import TiffFile

from tests.corpus import colors, film, ramp, tiff
from tests.corpus.bad_files import bad_file


@bad_file("film.tif", "is a TIFF file that is cut short or damaged")
def cut_tiff() -> bytes:
    return tiff(ramp(), compression="zlib", rowsperstrip=8)[:-60]


@bad_file("sparse.tif", "is a TIFF file that is cut short or damaged")
def tiff_with_an_empty_strip() -> bytes:
    whole = bytearray(tiff(ramp(), rowsperstrip=8, compression="zlib"))
    with TiffFile(io.BytesIO(whole)) as file:
        byte_counts = file.pages.first.tags["StripByteCounts"].valueoffset
    whole[byte_counts : byte_counts + 2] = bytes(2)
    return bytes(whole)


@bad_file("half.tif", "is a TIFF file that is cut short or damaged")
def tiff_with_missing_strips() -> bytes:
    whole = bytearray(tiff(ramp(), rowsperstrip=8, compression="zlib"))
    with TiffFile(io.BytesIO(whole)) as file:
        tags = [file.pages.first.tags[name].offset for name in ("StripOffsets", "StripByteCounts")]
    for tag in tags:
        whole[tag + 4 : tag + 8] = struct.pack("<I", 3)
    return bytes(whole)


@bad_file("nan.tif", "not numbers (NaN or infinity)")
def nan_tiff() -> bytes:
    samples = ramp(dtype="f4")
    samples[5, 5] = np.nan
    return tiff(samples)


@bad_file("infinite.tif", "not numbers (NaN or infinity)")
def infinite_tiff() -> bytes:
    samples = ramp(dtype="f8")
    samples[5, 5] = -np.inf
    return tiff(samples)


@bad_file("lab.tif", "is a TIFF in the color space CIELAB, which is not supported")
def lab_tiff() -> bytes:
    return tiff(colors(), photometric="cielab")


@bad_file("spectrum.tif", "is a TIFF with 1 x 9 layers and channels, which is not supported")
def tiff_of_nine_channels() -> bytes:
    return tiff(np.dstack([film()] * 9), photometric="minisblack", planarconfig="contig")


@bad_file("pages.tif", "is a TIFF compressed as THUNDERSCAN, which is not supported")
def thunderscan_tiff() -> bytes:
    whole = bytearray(tiff(film()))
    with TiffFile(io.BytesIO(whole)) as file:
        at = file.pages.first.tags["Compression"].valueoffset
    whole[at : at + 2] = struct.pack("<H", 32809)
    return bytes(whole)


@bad_file("complex.tif", "is a TIFF of numbers that are not integers or floats")
def tiff_of_complex_numbers() -> bytes:
    return tiff(film().astype(np.complex64))
