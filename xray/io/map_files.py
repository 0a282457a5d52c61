"""Maps from files: NumPy arrays (NPY) and gray pictures (PNG) with a stated scale."""

from __future__ import annotations

import hashlib
import io
import math

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from xray.errors import UnusableMap
from xray.io.png import OF_PICTURE, SIGNATURE, reduced
from xray.io.scaling import MAX_PIXELS
from xray.types import MapFile, Pixels
from xray.wording import counted

Scale = tuple[float, float]  # values of black and white
NPY, ZIP, PICKLE = b"\x93NUMPY", b"PK", b"\x80"
GRAY = {"1": 1, "L": 255, "I;16": 65535, "I": 65535}  # Pillow's mode: value of white
DEPTH = 24  # position of the bits of a sample in a PNG file
SAVE = 'Save one array of 2 dimensions with numpy.save("map.npy", values).'


def read_map(data: bytes, name: str, scale: Scale | None = None) -> tuple[Pixels, MapFile]:
    """Read a map from an NPY file or a gray PNG file. Nothing in the file is executed.

    Args:
        data: Contents of the file. They determine the format, not the extension of the name.
        name: Name of the file.
        scale: Values of black and white of a PNG; required for PNG, refused for NPY.

    Returns:
        The values (h, w), signed and finite, and the facts about the file.

    Raises:
        UnusableMap: If the file contains no such map; no other exception is raised.
    """
    if data.startswith(NPY):
        if scale:
            raise UnusableMap(f"{name} contains values, so it needs no scale.", "Leave the scale out.")
        values = _array(data, name)
    elif data.startswith(SIGNATURE):
        values = _gray(data, name, scale)
    else:
        raise _other_format(data, name)
    return _checked(values, name), MapFile(name, hashlib.sha256(data).hexdigest(), scale)


def _array(data: bytes, name: str) -> NDArray[np.generic]:
    """Read an NPY file after its header was checked against the size of the file."""
    file = io.BytesIO(data)
    try:
        version = npy_format.read_magic(file)
        read_header = {
            (1, 0): npy_format.read_array_header_1_0,
            (2, 0): npy_format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read_header(file)
    except (ValueError, LookupError, SyntaxError) as error:
        raise UnusableMap(f"The header of {name} cannot be read.", SAVE) from error
    if dtype.kind not in "biuf":
        kind = "Python objects, which are not loaded" if dtype.hasobject else f"values of type {dtype}"
        raise UnusableMap(f"{name} contains {kind}.", "Save real numbers, such as float32.")
    if len(shape) != 2:
        size = " x ".join(map(str, shape)) or "a single value"
        raise UnusableMap(
            f"{name} has {len(shape)} dimensions ({size}); a map has 2.",
            "Save one map: select one finding, sum the channels, and remove axes of length 1.",
        )
    if min(shape) < 1:
        raise UnusableMap(f"{name} contains no values.", SAVE)
    _refuse_size(name, *shape)
    if len(data) - file.tell() != math.prod(shape) * dtype.itemsize:
        raise UnusableMap(f"{name} is cut short or contains more than one array.", SAVE)
    return np.ndarray(shape, dtype, data, file.tell(), order="F" if fortran else "C")


def _gray(data: bytes, name: str, scale: Scale | None) -> NDArray[np.float64]:
    """Read a gray PNG file; its samples are interpolated between the values of black and white."""
    try:
        with Image.open(io.BytesIO(reduced(data, OF_PICTURE)), formats=["PNG"]) as picture:
            _refuse_size(name, picture.height, picture.width)
            gray = picture.mode in GRAY and not picture.has_transparency_data
            samples = np.asarray(picture) if gray else _equal_bands(picture, data[DEPTH], name)
            if scale is None:
                raise UnusableMap(
                    f"{name} is a picture without a scale.",
                    "State the values of black and white, for example 0 and 1 (terminal: --map-scale 0 1).",
                )
            white = GRAY[picture.mode if gray else "L"]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _oversized(name) from error
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise UnusableMap(f"{name} is a PNG file that is cut short or damaged.", "Save it again.") from error
    low, high = scale
    if not (math.isfinite(low) and math.isfinite(high) and low != high):
        raise UnusableMap(
            f"The scale of {name}, {low:g} to {high:g}, is not usable.", "State two different finite values."
        )
    return low + samples / white * (high - low)


def _equal_bands(picture: Image.Image, depth: int, name: str) -> NDArray[np.uint8]:
    """Read a gray picture that was saved with three equal channels of 8 bits, opaque if it has a fourth."""
    bands = np.asarray(picture.convert("RGBA"))
    if depth > 8 or (bands[..., :3] != bands[..., :1]).any() or (bands[..., 3] < 255).any():
        raise UnusableMap(
            f"{name} is a colored picture. The values of a map cannot be read back from its colors.",
            "Save the values as NPY, or as PNG with 8 or 16 bit gray.",
        )
    gray: NDArray[np.uint8] = bands[..., 0]
    return gray


def _checked(values: NDArray[np.generic], name: str) -> Pixels:
    """Convert values to float32 and refuse those that are no map."""
    unusable = int((~np.isfinite(values)).sum())
    if unusable:
        spoiled = counted(unusable, "value that is", "values that are")
        raise UnusableMap(
            f"{name} contains {spoiled} not finite (NaN or infinite).",
            "Replace them, for example with numpy.nan_to_num.",
        )
    if values.min() == values.max():
        raise UnusableMap(
            f"All values of {name} are {values.flat[0]:g}: a constant map highlights nothing.",
            "Check how the map was computed.",
        )
    with np.errstate(over="ignore", under="ignore"):
        converted = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(converted).all() or np.ptp(converted) == 0:
        raise UnusableMap(
            f"The values of {name} cannot be distinguished in single precision (float32).",
            "Subtract their mean and divide them by the largest.",
        )
    return converted


def _refuse_size(name: str, height: int, width: int) -> None:
    if height * width > MAX_PIXELS:
        raise _oversized(name)


def _oversized(name: str) -> UnusableMap:
    return UnusableMap(
        f"{name} claims more than {MAX_PIXELS // 1_000_000} million values.",
        "Save the map in a smaller size.",
    )


def _other_format(data: bytes, name: str) -> UnusableMap:
    if not data:
        return UnusableMap(f"{name} is empty.", SAVE)
    if data.startswith(ZIP):
        return UnusableMap(f"{name} is an archive (such as NPZ), not a single array.", SAVE)
    if data.startswith(PICKLE):
        return UnusableMap(f"{name} is a pickle, which could run code and is not loaded.", SAVE)
    return UnusableMap(f"{name} is not a map: only NPY files and gray PNG files are read.", SAVE)
