"""A film in every format and compression that is read, by name."""

from __future__ import annotations

from typing import Any

import imagecodecs
import numpy as np
from PIL import Image
from pydicom import uid

from tests.corpus import Samples, colors, dataset_of, dicom, film, raster, saved, tiff


def rle(stored: Samples, **elements: Any) -> bytes:
    dataset = dataset_of(stored)
    dataset.compress(uid.RLELossless, encoding_plugin="pydicom")
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return saved(dataset)


DEEP = film().astype(np.uint16) * 257
GOOD_FILES: dict[str, bytes] = {
    "8-bit PNG": raster(film(), "PNG"),
    "16-bit PNG": raster(DEEP, "PNG"),
    "16-bit RGB PNG": imagecodecs.png_encode(colors().astype(np.uint16) * 257),
    "palette PNG": raster(Image.fromarray(colors()).quantize(16), "PNG"),
    "JPEG": raster(film(), "JPEG"),
    "progressive JPEG": raster(colors(), "JPEG", progressive=True),
    "BMP": raster(film(), "BMP"),
    "lossy WebP": raster(colors(), "WebP"),
    "lossless WebP": raster(colors(), "WebP", lossless=True),
    "plain TIFF": tiff(DEEP),
    "deflate TIFF": tiff(DEEP, compression="zlib", rowsperstrip=8, predictor=True),
    "LZW TIFF": tiff(film(), compression="lzw", tile=(32, 32)),
    "JPEG TIFF": tiff(colors(), compression="jpeg", photometric="rgb"),
    "float TIFF": tiff(DEEP.astype(np.float32)),
    "implicit DICOM": dicom(DEEP, uid.ImplicitVRLittleEndian),
    "explicit DICOM": dicom(DEEP, WindowCenter=30000, WindowWidth=50000),
    "big-endian DICOM": dicom(DEEP, uid.ExplicitVRBigEndian),
    "deflated DICOM": dicom(DEEP, uid.DeflatedExplicitVRLittleEndian),
    "color DICOM": dicom(colors()),
    "RLE DICOM": rle(DEEP),
    "JPEG DICOM": dicom(film(), uid.JPEGBaseline8Bit, raster(film(), "JPEG")),
    "JPEG Lossless DICOM": dicom(DEEP, uid.JPEGLosslessSV1, imagecodecs.ljpeg_encode(DEEP)),
    "JPEG-LS DICOM": dicom(DEEP, uid.JPEGLSLossless, imagecodecs.jpegls_encode(DEEP)),
    "JPEG 2000 DICOM": dicom(DEEP, uid.JPEG2000, imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k")),
}
