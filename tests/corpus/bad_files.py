"""Files that hold no radiograph, each made by code: a name, the bytes, and the words to expect."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from typing import NamedTuple

import imagecodecs
import numpy as np
from PIL import Image
from pydicom import Dataset, uid
from pydicom.sequence import Sequence
from tifffile import TiffFile

from tests.corpus import colors, dicom, film, jpeg_12_bit, png, png_chunk, ramp, raster, tiff


class BadFile(NamedTuple):
    name: str
    data: bytes
    words: str


BAD_FILES: dict[str, Callable[[], BadFile]] = {}


def bad_file(name: str, words: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Registers a function that makes the bytes of a bad file, under the function's own name."""

    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        BAD_FILES[make.__name__] = lambda: BadFile(name, make(), words)
        return make

    return register


@bad_file("empty.png", "is empty")
def empty() -> bytes:
    return b""


@bad_file("notes.png", "is text")
def text() -> bytes:
    return "Röntgen thorax, PA, inspiration.\n".encode() * 20


@bad_file("noise.png", "not an image in a known format")
def noise() -> bytes:
    return bytes(range(7, 256)) * 3


@bad_file("report.pdf", "is a PDF")
def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


@bad_file("locked.pdf", "is an encrypted PDF")
def encrypted_pdf() -> bytes:
    return b"%PDF-1.7\ntrailer\n<< /Root 1 0 R /Encrypt 5 0 R >>\n%%EOF\n"


@bad_file("study.zip", "is a ZIP archive")
def zip_archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("film.png", raster(film(), "PNG"))
    return buffer.getvalue()


@bad_file("locked.zip", "is an encrypted ZIP archive")
def encrypted_zip() -> bytes:
    archive = bytearray(zip_archive())
    archive[6] |= 1  # APPNOTE 4.4.4: bit 0 of the general purpose flag
    return bytes(archive)


@bad_file("film.dcm.gz", "is a gzip archive")
def gzip_archive() -> bytes:
    return gzip.compress(dicom(ramp()), mtime=0)


@bad_file("study.7z", "is a 7z archive")
def seven_zip() -> bytes:
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(64)


@bad_file("study.rar", "is a RAR archive")
def rar() -> bytes:
    return b"Rar!\x1a\x07\x01\x00" + bytes(64)


@bad_file("film.dcm", "is an encrypted file (CMS)")
def cms() -> bytes:
    return (
        b"\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x82" + bytes(range(128, 256)) * 4
    )


@bad_file("film.dcm.asc", "is an encrypted file")
def pgp() -> bytes:
    return b"-----BEGIN PGP MESSAGE-----\n\nhQEMA0kR\n=abcd\n-----END PGP MESSAGE-----\n"


@bad_file("cine.gif", "is a GIF")
def animated_gif() -> bytes:
    return raster(film(), "GIF", save_all=True, append_images=[Image.fromarray(255 - film())])


@bad_file("film.jp2", "is a JPEG 2000 picture outside a DICOM file")
def bare_jpeg_2000() -> bytes:
    return b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64)


@bad_file("phone.heic", "is a HEIF or AVIF")
def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)


@bad_file("film.jxl", "is a JPEG XL")
def jpeg_xl() -> bytes:
    return imagecodecs.jpegxl_encode(film())


@bad_file("film.jxr", "is a JPEG XR")
def jpeg_xr() -> bytes:
    return imagecodecs.jpegxr_encode(film())


@bad_file("film.npy", "is a NumPy array")
def numpy_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, film())
    return buffer.getvalue()


@bad_file("film.nii", "is a NIfTI volume")
def nifti() -> bytes:
    return b"\x5c\x01\0\0" + bytes(340) + b"n+1\0" + bytes(64)


@bad_file("film.psd", "is a Photoshop file")
def photoshop() -> bytes:
    return b"8BPS\0\x01" + bytes(64)


@bad_file("swallow.mp4", "is a video")
def video() -> bytes:
    return b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64)


@bad_file("film.png", "is a PNG file that is cut short or damaged")
def cut_png() -> bytes:
    return raster(film(), "PNG")[:-300]


@bad_file("film.jpg", "is a JPEG file that is cut short or damaged")
def cut_jpeg() -> bytes:
    return raster(film(), "JPEG")[:-60]


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


@bad_file("film.bmp", "is a BMP file that is cut short or damaged")
def cut_bmp() -> bytes:
    return raster(film(), "BMP")[:-60]


@bad_file("film.webp", "is a WebP file that is cut short or damaged")
def cut_webp() -> bytes:
    return raster(colors(), "WebP")[:-60]


@bad_file("film.dcm", "is a DICOM file that is cut short or damaged")
def cut_dicom() -> bytes:
    return dicom(ramp())[:-60]


@bad_file("film.dcm", "pixel data is missing or cut short")
def dicom_cut_within_a_codestream() -> bytes:
    return dicom(film(), uid.JPEGBaseline8Bit, raster(film(), "JPEG"))[:-200]


@bad_file("film.dcm", "pixel data is missing or cut short")
def dicom_cut_before_its_pixels() -> bytes:
    return dicom(ramp())[:-6200]


@bad_file("tiny.png", "only 1 x 1 pixels")
def one_pixel() -> bytes:
    return raster(np.full((1, 1), 9, np.uint8), "PNG")


@bad_file("strip.dcm", "only 31 x 400 pixels")
def too_narrow() -> bytes:
    return dicom(ramp(400, 31))


@bad_file("blank.png", "same brightness everywhere")
def constant_png() -> bytes:
    return raster(np.full((64, 64), 130, np.uint8), "PNG")


@bad_file("blank.dcm", "same brightness everywhere")
def constant_dicom() -> bytes:
    return dicom(np.full((64, 64), 1300, np.uint16), WindowCenter=1300, WindowWidth=50)


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


@bad_file("film.jpg", "is a hierarchical JPEG, for which there is no decoder")
def hierarchical_jpeg() -> bytes:
    return raster(film(), "JPEG").replace(b"\xff\xc0", b"\xff\xc5", 1)


@bad_file("film.jpg", "is a lossless and arithmetic-coded JPEG, for which there is no decoder")
def lossless_arithmetic_jpeg() -> bytes:
    return raster(film(), "JPEG").replace(b"\xff\xc0", b"\xff\xcb", 1)


@bad_file("film.jpg", "is a JPEG file that is cut short or damaged")
def cut_12_bit_jpeg() -> bytes:
    return jpeg_12_bit(ramp() % 4096)[:-60]


@bad_file("bomb.jpg", "more than 100 megapixels")
def jpeg_ls_bomb() -> bytes:
    whole = imagecodecs.jpegls_encode(ramp())
    return whole.replace(struct.pack(">HH", *ramp().shape), struct.pack(">HH", 60_000, 60_000), 1)


@bad_file("bomb.png", "more than 100 megapixels")
def png_bomb() -> bytes:
    return png(60_000, 60_000, 8, 0, bytes(60_001))


@bad_file("bomb.png", "more than 100 megapixels")
def png_just_over_the_limit() -> bytes:
    return png(10_001, 10_000, 1, 0, bytes(1252) * 10_000)


@bad_file("bomb.jpg", "more than 100 megapixels")
def jpeg_bomb() -> bytes:
    size = struct.pack(">HH", *film().shape)
    return raster(film(), "JPEG").replace(size, struct.pack(">HH", 60_000, 60_000), 1)


@bad_file("bomb.tif", "more than 100 megapixels")
def tiff_bomb() -> bytes:
    entries = {256: 60_000, 257: 60_000, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 60_000, 279: 60_000}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + directory + bytes(4)


@bad_file("bomb.bmp", "more than 100 megapixels")
def bmp_bomb() -> bytes:
    whole = bytearray(raster(film(), "BMP"))
    whole[18:26] = struct.pack("<ii", 60_000, 60_000)
    return bytes(whole)


@bad_file("bomb.webp", "more than 100 megapixels")
def webp_bomb() -> bytes:
    whole = bytearray(
        raster(colors(), "WebP", save_all=True, append_images=[Image.fromarray(255 - colors())])
    )
    canvas = whole.index(b"VP8X") + 12
    whole[canvas : canvas + 6] = (10_100 - 1).to_bytes(3, "little") + (10_000 - 1).to_bytes(3, "little")
    return bytes(whole)


@bad_file("bomb.dcm", "more than 100 megapixels")
def dicom_bomb() -> bytes:
    return dicom(ramp(), Rows=60_000, Columns=60_000)


@bad_file("report.dcm", "without pixel data (Basic Text SR Storage)")
def structured_report() -> bytes:
    return dicom(SOPClassUID=uid.BasicTextSRStorage)


@bad_file("plan.dcm", "without pixel data (RT Plan Storage)")
def radiotherapy_plan() -> bytes:
    return dicom(SOPClassUID=uid.RTPlanStorage)


@bad_file("ecg.dcm", "without pixel data (12-lead ECG Waveform Storage)")
def waveform() -> bytes:
    return dicom(SOPClassUID=uid.TwelveLeadECGWaveformStorage)


@bad_file("locked.dcm", "is an encrypted DICOM file")
def encrypted_dicom() -> bytes:
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID = uid.ExplicitVRLittleEndian
    item.EncryptedContent = bytes(64)
    return dicom(EncryptedAttributesSequence=Sequence([item]))


@bad_file("cine.dcm", "is a DICOM video (MPEG-4 AVC/H.264 High Profile / Level 4.1)")
def dicom_video() -> bytes:
    return dicom(film(), uid.MPEG4HP41, b"\0\0\1\xb3" + bytes(60))


@bad_file(
    "film.dcm", "compressed as JPEG 2000 Part 2 Multi-component Image Compression, for which no decoder"
)
def dicom_without_a_decoder() -> bytes:
    return dicom(film(), uid.JPEG2000MC, b"\xff\x4f\xff\x51" + bytes(60))


@bad_file("film.dcm", "compressed as a private transfer syntax, for which no decoder")
def dicom_in_a_private_syntax() -> bytes:
    return dicom(film(), "1.2.826.0.1.3680043.9.7777.1", b"\1\2\3\4")


@bad_file("color.dcm", "in a color space that is not supported")
def hsv_dicom() -> bytes:
    return dicom(colors(), PhotometricInterpretation="HSV")


@bad_file("film.png", "is a PNG file that is cut short or damaged")
def png_with_a_damaged_header() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", bytes(13))
