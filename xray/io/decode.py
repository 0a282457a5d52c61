"""Read files, and convert their bytes to a Radiograph or to an error that names the reason."""

from __future__ import annotations

import logging
import re
import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydicom.datadict import dictionary_has_tag
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.valuerep import VR

from xray.errors import UnreadableImage
from xray.io.dicom import read_dicom
from xray.io.raster import read_raster
from xray.types import Radiograph

SHORTEST_SIDE = 32
SUPPORTED = "Upload a PNG, JPEG, TIFF, BMP, WebP or DICOM file."
UNPACK = "Unpack it and upload the image that is inside."
DECRYPT = "Decrypt it with the password or key, and upload the image that is inside."
QUOTING_LIBRARIES = ("PIL", "pydicom", "tifffile")
QUOTING_MODULES = re.compile(rf"({'|'.join(QUOTING_LIBRARIES)})\b")

DAMAGE = (  # raised by Pillow, tifffile, imagecodecs and pydicom for damaged bytes
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    BytesLengthException,
    InvalidDicomError,
    struct.error,
    zlib.error,
)
FORMATS = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "TIFF": rb"II\*\0|MM\0\*|II\+\0|MM\0\+",
    "BMP": rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "WebP": rb"RIFF.{4}WEBP",
}
EXTENSIONS = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "JPEG"),
    **dict.fromkeys(("tif", "tiff"), "TIFF"),
    **dict.fromkeys(("bmp", "dib"), "BMP"),
    **dict.fromkeys(("dcm", "dicom", "dic"), "DICOM"),
    **{kind.lower(): kind for kind in ("PNG", "WebP", "GIF", "PDF")},
}
VR_CODES = frozenset(vr.value.encode() for vr in VR)
OTHER_FORMATS = {  # start of the file: description, hint
    rb"PK\x03\x04..[%b]" % re.escape(bytes(range(1, 256, 2))): ("an encrypted ZIP archive", DECRYPT),
    rb"PK\x03\x04|PK\x05\x06": ("a ZIP archive", UNPACK),
    rb"\x1f\x8b": ("a gzip archive", UNPACK),
    rb"7z\xbc\xaf\x27\x1c": ("a 7z archive", UNPACK),
    rb"Rar!\x1a\x07": ("a RAR archive", UNPACK),
    rb"\x30.{1,32}?\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x03\x06]": ("an encrypted file (CMS)", DECRYPT),
    rb"Salted__|-----BEGIN PGP MESSAGE": ("an encrypted file", DECRYPT),
    rb"%PDF-(?=.*/Encrypt\b)": ("an encrypted PDF", "Open it, save its image as PNG, and upload that."),
    rb"%PDF-": ("a PDF, not an image", "Save the image that is inside as PNG, and upload that."),
    rb"GIF8[79]a": ("a GIF, which is not a supported format", SUPPORTED),
    rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51": ("a JPEG 2000 picture outside a DICOM file", SUPPORTED),
    rb".{4}ftyp(?:heic|heix|mif1|msf1|avif)": ("a HEIF or AVIF, which is not a supported format", SUPPORTED),
    rb"\xff\x0a|\0\0\0\x0cJXL ": ("a JPEG XL, which is not a supported format", SUPPORTED),
    rb"II\xbc": ("a JPEG XR, which is not a supported format", SUPPORTED),
    rb"8BPS": ("a Photoshop file, which is not a supported format", SUPPORTED),
    rb"v/1\x01": ("an OpenEXR image, which is not a supported format", SUPPORTED),
    rb"\x93NUMPY": ("a NumPy array, not an image", SUPPORTED),
    rb"\x89HDF": ("an HDF5 file, not an image", SUPPORTED),
    rb".{344}n[+i]1\0": ("a NIfTI volume, which is not a supported format", SUPPORTED),
    rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI ": (
        "a video",
        "Save one of its frames as PNG, and upload that.",
    ),
}


def content(path: Path) -> bytes:
    """Return the bytes of a file. Raises UnreadableImage if it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(
            f"{printable(path.name)} cannot be opened.", hint="Check the path and its permissions."
        ) from error


def printable(name: str) -> str:
    """Return a name without characters that cannot be encoded as UTF-8."""
    return name.encode("utf-8", "replace").decode()


def is_image(start: bytes) -> bool:
    """Whether the first bytes of a file (1024 suffice) are those of a format that read_radiograph reads."""
    return _kind(start) is not None


def read_radiograph(data: bytes, name: str) -> Radiograph:
    """Decode a PNG, JPEG, TIFF, BMP, WebP or DICOM file.

    Args:
        data: Contents of the file. They determine the format, not the extension of the name.
        name: Name of the file, for the Radiograph and for messages; folders are removed.

    Returns:
        The radiograph, float32 (H, W) in [0, 1], bright = dense. Of a DICOM header only pixel spacing and
        view position are kept (PS3.15 annex E by omission).

    Raises:
        UnreadableImage: If the file contains no radiograph; no other exception is raised.
    """
    name = _base_name(name)
    _silence_libraries()
    kind = _kind(data)
    if kind is None:
        raise _unsupported(data, name)
    radiograph = None
    try:
        with np.errstate(all="ignore"):
            radiograph = read_dicom(data, name) if kind == "DICOM" else read_raster(data, name, kind)
    except DAMAGE:
        pass  # not chained: messages of the libraries may quote the header
    if radiograph is None:
        raise UnreadableImage(
            f"{name} is a {kind} file that is cut short or damaged.",
            hint="Copy or download the whole file again, or save it as PNG in the program that opens it.",
        )
    _require_film(radiograph)
    return _with_true_format(radiograph, kind)


def _base_name(name: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    return "".join(character for character in last if character.isprintable()).strip() or "The file"


def _silence_libraries() -> None:
    """Suppress warnings and logs of the decoders, because they may quote headers."""
    if not any(module == QUOTING_MODULES for _, _, _, module, _ in warnings.filters):
        warnings.filterwarnings("ignore", module=QUOTING_MODULES.pattern)
    for library in QUOTING_LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)


def _kind(data: bytes) -> str | None:
    if _is_dicom(data):
        return "DICOM"
    return next((kind for kind, start in FORMATS.items() if re.match(start, data, re.DOTALL)), None)


def _is_dicom(data: bytes) -> bool:
    """Whether bytes start as a DICOM file (PS3.10 7.1), with or without preamble, or as a bare data set."""
    if data[128:132] == b"DICM" or data.startswith(b"DICM"):
        return True
    if len(data) < 8:
        return False
    group, element, length = struct.unpack_from("<HHL", data)
    known = dictionary_has_tag((group, element))
    if data[4:6] in VR_CODES:
        return known or group in (0x0002, 0x0008, 0x0200, 0x0800)
    group_length = element == 0 and length == 4
    return group in (0x0002, 0x0008) and (group_length or (known and length <= 64))


def _unsupported(data: bytes, name: str) -> UnreadableImage:
    if not data:
        return UnreadableImage(f"{name} is empty.", hint="Copy or download the file again.")
    for start, (what, hint) in OTHER_FORMATS.items():
        if re.match(start, data, re.DOTALL):
            return UnreadableImage(f"{name} is {what}.", hint=hint)
    if re.fullmatch(rb"[\t\n\r\x20-\x7e\x80-\xff]*", data[:4096]):
        return UnreadableImage(f"{name} is text, not an image.", hint=SUPPORTED)
    return UnreadableImage(f"{name} is not an image in a known format.", hint=SUPPORTED)


def _require_film(radiograph: Radiograph) -> None:
    rows, columns = radiograph.pixels.shape
    if min(rows, columns) < SHORTEST_SIDE:
        raise UnreadableImage(
            f"{radiograph.name} is only {columns} x {rows} pixels.",
            hint=f"Upload a radiograph with at least {SHORTEST_SIDE} pixels on its short side.",
        )
    if radiograph.pixels.min() == radiograph.pixels.max():
        raise UnreadableImage(
            f"{radiograph.name} shows the same brightness everywhere.",
            hint="Check that the film was exported with its image, and upload it again.",
        )


def _with_true_format(radiograph: Radiograph, kind: str) -> Radiograph:
    extension = radiograph.name.rpartition(".")[2].lower()
    if EXTENSIONS.get(extension, kind) == kind:
        return radiograph
    return replace(radiograph, notes=(*radiograph.notes, f"Named .{extension}, but is a {kind}."))
