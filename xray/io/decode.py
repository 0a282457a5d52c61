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
from pydicom.errors import BytesLengthException, InvalidDicomError

from xray.errors import UnreadableImage
from xray.io.dicom import read_dicom
from xray.io.formats import located, unsupported
from xray.io.raster import read_raster
from xray.types import Radiograph

SHORTEST_SIDE = 32
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
EXTENSIONS = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "JPEG"),
    **dict.fromkeys(("tif", "tiff"), "TIFF"),
    **dict.fromkeys(("bmp", "dib"), "BMP"),
    **dict.fromkeys(("dcm", "dicom", "dic"), "DICOM"),
    **{kind.lower(): kind for kind in ("PNG", "WebP", "GIF", "PDF")},
}


def content(path: Path) -> bytes:
    """Return the bytes of a file. Raises UnreadableImage if it cannot be opened."""
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        raise UnreadableImage(
            f"{printable(path.name)} is a folder.",
            hint="Name the files in it; for many films, run: python -m xray cohort FOLDER.",
        ) from error
    except OSError as error:
        raise UnreadableImage(
            f"{printable(path.name)} cannot be opened.", hint="Check the path and its permissions."
        ) from error


def printable(name: str) -> str:
    """Return a name without characters that cannot be encoded as UTF-8."""
    return name.encode("utf-8", "replace").decode()


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
    kind, start = located(data)
    if kind is None:
        raise unsupported(data, name)
    radiograph = None
    try:
        with np.errstate(all="ignore"):
            image = data[start:]
            radiograph = read_dicom(image, name) if kind == "DICOM" else read_raster(image, name, kind)
    except DAMAGE:
        pass  # not chained: messages of the libraries may quote the header
    if radiograph is None:
        raise UnreadableImage(
            f"{name} is a {kind} file that is cut short or damaged.",
            hint="Copy or download the whole file again, or save it as PNG in the program that opens it.",
        )
    _require_film(radiograph)
    if start:
        radiograph = _noted(radiograph, f"{start} byte{'s' * (start > 1)} before the image ignored.")
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
    return _noted(radiograph, f"Named .{extension}, but is a {kind}.")


def _noted(radiograph: Radiograph, note: str) -> Radiograph:
    return replace(radiograph, notes=(*radiograph.notes, note))
