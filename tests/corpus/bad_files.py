"""Files that hold no radiograph, each made by code: a name, the bytes, and the words to expect."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import NamedTuple

import imagecodecs
import numpy as np

from tests.corpus import dicom, film, ramp, raster


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


@bad_file("film.jp2", "is a JPEG 2000 picture outside a DICOM file")
def bare_jpeg_2000() -> bytes:
    return b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64)


@bad_file("phone.heic", "is a HEIF or AVIF")
def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)


@bad_file("burst.heif", "is a HEIF or AVIF")
def heic_of_other_brand() -> bytes:
    return b"\0\0\0\x18ftypheim\0\0\0\0" + bytes(64)


@bad_file("film.qoi", "is a picture of a format that is not supported")
def qoi() -> bytes:
    return b"qoif" + bytes(64)


@bad_file("film.icns", "is an icon")
def icon_of_apple() -> bytes:
    return b"icns\0\0\1\0ic07\0\0\1\0" + raster(film(), "PNG")


@bad_file("film.png", "is a web page, not an image")
def web_page() -> bytes:
    return b"\n<!doctype html><html><title>Sign in</title></html>"


@bad_file("film.png", "is a Git LFS pointer, not an image")
def git_lfs_pointer() -> bytes:
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"


@bad_file("films.tar", "is an archive")
def tar_archive() -> bytes:
    return bytes(257) + b"ustar\x0000" + bytes(600)


@bad_file("film.dcm", "contains only zeros")
def zeros() -> bytes:
    return bytes(5000)


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


@bad_file("film.pgm", "is a PNM")
def pnm() -> bytes:
    return raster(film(), "PPM")


@bad_file("film.ico", "is an icon")
def icon() -> bytes:
    return raster(film(), "ICO")


@bad_file("film.nrrd", "is an image of a format for volumes")
def nrrd() -> bytes:
    return b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 48 64\nencoding: raw\n\n" + film().tobytes()


@bad_file("film.eps", "is a PostScript file")
def postscript() -> bytes:
    return raster(film(), "EPS")


@bad_file("report.doc", "is a document of an office program")
def office_document() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@bad_file("films.exe", "is a program")
def self_extracting_archive() -> bytes:
    return b"MZ" + bytes(200) + zip_archive()


@bad_file("dictation.mp3", "is a sound file")
def sound_with_a_cover() -> bytes:
    return b"ID3\x03\0\0\0\0\x0f\x76APIC" + bytes(40) + raster(film(), "JPEG")


@bad_file("film.psd", "is a Photoshop file")
def photoshop() -> bytes:
    return b"8BPS\0\x01" + bytes(64)


@bad_file("swallow.mp4", "is a video")
def video() -> bytes:
    return b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64)
