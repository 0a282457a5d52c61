"""Formats of image files, recognized by their first bytes."""

from __future__ import annotations

import re
import struct

from pydicom.datadict import dictionary_has_tag
from pydicom.valuerep import VR

from xray.errors import UnreadableImage

SUPPORTED = "Upload a PNG, JPEG, TIFF, BMP, WebP or DICOM file."
UNPACK = "Unpack it and upload the image that is inside."
DECRYPT = "Decrypt it with the password or key, and upload the image that is inside."
SAVE_AGAIN = "Save it as PNG in the program that opens it, and upload that."
PREAMBLE = 128  # bytes of a DICOM file before "DICM" (PS3.10 7.1)
LEADING = 512  # bytes that are skipped before an image
FORMATS = {
    "PNG": rb"\x89PNG\r\n\x1a\n(?!.{4}CgBI)",
    "JPEG": rb"\xff\xd8\xff",
    "TIFF": rb"II\*\0|MM\0\*|II\+\0|MM\0\+",
    "BMP": rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "WebP": rb"RIFF.{4}WEBP",
}
VR_CODES = frozenset(vr.value.encode() for vr in VR)
OTHER_FORMATS = {  # start of the file: description, hint
    rb"PK\x03\x04..[%b]" % re.escape(bytes(range(1, 256, 2))): ("an encrypted ZIP archive", DECRYPT),
    rb"PK\x03\x04|PK\x05\x06": ("a ZIP archive", UNPACK),
    rb"\x1f\x8b": ("a gzip archive", UNPACK),
    rb"BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd|.{257}ustar": ("an archive", UNPACK),
    rb"7z\xbc\xaf\x27\x1c": ("a 7z archive", UNPACK),
    rb"Rar!\x1a\x07": ("a RAR archive", UNPACK),
    rb"\x30.{1,32}?\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x03\x06]": ("an encrypted file (CMS)", DECRYPT),
    rb"Salted__|-----BEGIN PGP MESSAGE": ("an encrypted file", DECRYPT),
    rb"%PDF-(?=.*/Encrypt\b)": ("an encrypted PDF", "Open it, save its image as PNG, and upload that."),
    rb"%PDF-": ("a PDF, not an image", "Save the image that is inside as PNG, and upload that."),
    rb"GIF8[79]a": ("a GIF, which is not a supported format", SUPPORTED),
    rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51": ("a JPEG 2000 picture outside a DICOM file", SUPPORTED),
    rb".{4}ftyp(?:he[iv][cmsx]|mif[12]|msf1|avi[fos])": (
        "a HEIF or AVIF, which is not a supported format",
        SUPPORTED,
    ),
    rb"\xff\x0a|\0\0\0\x0cJXL ": ("a JPEG XL, which is not a supported format", SUPPORTED),
    rb"II\xbc": ("a JPEG XR, which is not a supported format", SUPPORTED),
    rb"\x89PNG\r\n\x1a\n.{4}CgBI": ("a PNG of an iPhone app (CgBI), not a usual PNG", SAVE_AGAIN),
    rb"\x89PNG": ("a PNG that was damaged by a transfer as text", "Copy it again in binary mode."),
    rb"qoif|DDS |FLIF|BPG\xfb|\x01\xda[\0\1]|\x8aMNG|\x8bJNG": (
        "a picture of a format that is not supported",
        SUPPORTED,
    ),
    rb"8BPS": ("a Photoshop file, which is not a supported format", SUPPORTED),
    rb"v/1\x01": ("an OpenEXR image, which is not a supported format", SUPPORTED),
    rb"P[1-6][\s#]|P7\n|P[Ff]\s": ("a PNM, which is not a supported format", SUPPORTED),
    rb"\0\0[\1\2]\0.\0|icns": ("an icon, not a radiograph", SUPPORTED),
    rb"NRRD000|ObjectType|SIMPLE  =": ("an image of a format for volumes, which is not supported", SUPPORTED),
    rb"%!PS|\xc5\xd0\xd3\xc6": ("a PostScript file, not an image", SUPPORTED),
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("a document of an office program, not an image", SUPPORTED),
    rb"\s*<(?:![Dd][Oo][Cc][Tt][Yy][Pp][Ee] [Hh]|[Hh][Tt][Mm][Ll])": (
        "a web page, not an image",
        "Sign in if the site requires it, and download the image again.",
    ),
    rb"version https://git-lfs": (
        "a Git LFS pointer, not an image",
        "Run git lfs pull, and upload the image.",
    ),
    rb"MZ|\x7fELF": ("a program, not an image", SUPPORTED),
    rb"ID3": ("a sound file, not an image", SUPPORTED),
    rb"\x93NUMPY": ("a NumPy array, not an image", SUPPORTED),
    rb"\x89HDF": ("an HDF5 file, not an image", SUPPORTED),
    rb".{344}n[+i]1\0": ("a NIfTI volume, which is not a supported format", SUPPORTED),
    rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI ": (
        "a video",
        "Save one of its frames as PNG, and upload that.",
    ),
}


def located(data: bytes) -> tuple[str | None, int]:
    """The format of an image and the number of bytes before it; None and 0 for an unknown format.

    Bytes before an image, such as zeros, a line feed or a header of MacBinary or HTTP, are skipped.
    """
    if (kind := _kind(data)) or _other_format(data):
        return kind, 0
    head = data[: LEADING + PREAMBLE]
    starts = {
        found.start(): kind for kind, start in FORMATS.items() if (found := re.search(start, head, re.DOTALL))
    }
    if (at := head.find(b"DICM")) > 0:
        starts[at - PREAMBLE if at >= PREAMBLE else at] = "DICOM"
    first = min(starts, default=0)
    return starts.get(first), first


def is_image(start: bytes) -> bool:
    """Whether the first bytes of a file (1024 suffice) are those of a format that read_radiograph reads."""
    return _kind(start) is not None


def _kind(data: bytes) -> str | None:
    if _is_dicom(data):
        return "DICOM"
    return next((kind for kind, start in FORMATS.items() if re.match(start, data, re.DOTALL)), None)


def _is_dicom(data: bytes) -> bool:
    """Whether bytes start as a DICOM file (PS3.10 7.1), with or without preamble, or as a bare data set."""
    if data.startswith(b"DICM", PREAMBLE) or data.startswith(b"DICM"):
        return True
    if len(data) < 8:
        return False
    group, element, length = struct.unpack_from("<HHL", data)
    known = dictionary_has_tag((group, element))
    if data[4:6] in VR_CODES:
        return known or group in (0x0002, 0x0008, 0x0200, 0x0800)
    group_length = element == 0 and length == 4
    return group in (0x0002, 0x0008) and (group_length or (known and length <= 64))


def unsupported(data: bytes, name: str) -> UnreadableImage:
    """Return the error for a file that is not an image in a format that read_radiograph reads."""
    if not data:
        return UnreadableImage(f"{name} is empty.", hint="Copy or download the file again.")
    if not data.strip(b"\0"):
        return UnreadableImage(f"{name} contains only zeros.", hint="Copy or download the file again.")
    if other := _other_format(data):
        what, hint = other
        return UnreadableImage(f"{name} is {what}.", hint=hint)
    if re.fullmatch(rb"[\t\n\r\x20-\x7e\x80-\xff]*", data[:4096]):
        return UnreadableImage(f"{name} is text, not an image.", hint=SUPPORTED)
    return UnreadableImage(f"{name} is not an image in a known format.", hint=SUPPORTED)


def _other_format(data: bytes) -> tuple[str, str] | None:
    """Description and hint of a format that is recognized but not read."""
    return next((other for start, other in OTHER_FORMATS.items() if re.match(start, data, re.DOTALL)), None)
