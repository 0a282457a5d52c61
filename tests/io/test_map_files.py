"""Maps from files: values against the arrays they were saved from, and a sentence for every other file."""

import hashlib
import io
import pickle
import struct

import numpy as np
import pytest
from PIL import Image

from xray.errors import UnusableMap
from xray.io.map_files import read_map

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)
VALUES = np.linspace(-2, 3, 12, dtype=np.float32).reshape(3, 4)


def npy(values, **options) -> bytes:
    file = io.BytesIO()
    np.save(file, values, **options)
    return file.getvalue()


def png(samples: np.ndarray, mode: str | None = None, **options) -> bytes:
    picture, file = Image.fromarray(samples), io.BytesIO()
    (picture.convert(mode) if mode else picture).save(file, "PNG", **options)
    return file.getvalue()


def header_of(shape: str, descr: str = "<f4") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) + 1) + text + b"\n"


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2"])
def test_the_values_are_those_of_the_array(dtype):
    data = npy(VALUES.astype(dtype))
    values, file = read_map(data, "map.npy")
    assert values.dtype == np.float32
    assert values == pytest.approx(VALUES, abs=2e-3 if dtype == "<f2" else 1e-6)
    assert (file.name, file.sha256, file.scale) == ("map.npy", hashlib.sha256(data).hexdigest(), None)


def test_columns_that_are_stored_first_and_integers_are_read():
    assert np.array_equal(read_map(npy(np.asfortranarray(VALUES)), "map.npy")[0], VALUES)
    mask = np.eye(3, dtype=bool)
    assert np.array_equal(read_map(npy(mask), "map.npy")[0], mask.astype(np.float32))
    counts = np.arange(6, dtype=">i2").reshape(2, 3)
    assert np.array_equal(read_map(npy(counts), "map.npy")[0], counts.astype(np.float32))


def test_gray_samples_are_interpolated_between_the_values_of_black_and_white():
    eight = np.array([[0, 51], [204, 255]], np.uint8)
    values, file = read_map(png(eight), "map.png", (-1.0, 4.0))
    assert values == pytest.approx(np.array([[-1, 0], [3, 4]], np.float32))
    assert file.scale == (-1.0, 4.0)
    sixteen = np.array([[0, 13107], [52428, 65535]], np.uint16)
    assert read_map(png(sixteen), "map.png", (1.0, 0.0))[0] == pytest.approx(
        np.array([[1, 0.8], [0.2, 0]], np.float32), abs=1e-6
    )
    one_bit = np.array([[0, 255], [255, 0]], np.uint8)
    assert np.array_equal(read_map(png(one_bit, "1"), "map.png", (0.0, 2.0))[0], [[0, 2], [2, 0]])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_equal_channels_are_gray(mode):
    data = png(GRAY, mode)
    assert np.array_equal(read_map(data, "map.png", (0.0, 255.0))[0], GRAY)


class Trap:
    """A pickle of it runs code when it is loaded."""

    def __reduce__(self):
        return pytest.fail, ("the pickle was loaded",)


COLORED = np.dstack([GRAY, GRAY, GRAY + np.uint8(9)])
SPOILED = np.where(VALUES > 2, np.nan, VALUES)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "map is empty."),
        (npy(VALUES[None]), "map has 3 dimensions (1 x 3 x 4); a map has 2."),
        (npy(np.float32(1)), "map has 0 dimensions (a single value); a map has 2."),
        (npy(VALUES[:0]), "map contains no values."),
        (npy(SPOILED), "map contains 3 values that are not finite (NaN or infinite)."),
        (npy(VALUES.astype(float) * 1e300), "The values of map cannot be distinguished in single precision"),
        (npy(VALUES.astype(float) * 1e-300), "The values of map cannot be distinguished in single precision"),
        (npy(VALUES.astype(float) + 1e9), "The values of map cannot be distinguished in single precision"),
        (npy(np.full((3, 4), 0.5)), "All values of map are 0.5: a constant map highlights nothing."),
        (npy(VALUES.astype(complex)), "map contains values of type complex128."),
        (npy(np.array([["a", "b"]])), "map contains values of type <U1."),
        (npy(np.array([[Trap()]]), allow_pickle=True), "map contains Python objects, which are not loaded."),
        (pickle.dumps(Trap()), "map is a pickle, which could run code and is not loaded."),
        (npy(VALUES)[:-1], "map is cut short or contains more than one array."),
        (npy(VALUES) + npy(VALUES), "map is cut short or contains more than one array."),
        (header_of("(90000, 90000)"), "map claims more than 100 million values."),
        (header_of("(9000, 9000)"), "map is cut short or contains more than one array."),
        (header_of("(-3, -4)") + VALUES.tobytes(), "map contains no values."),
        (header_of("(3, 4)", "what"), "The header of map cannot be read."),
        (npy(VALUES)[:20], "The header of map cannot be read."),
        (b"\xff\xd8\xff\xe0 JPEG", "map is not a map: only NPY files and gray PNG files are read."),
        (png(GRAY), "map is a picture without a scale."),
        (png(GRAY, "RGB"), "map is a picture without a scale."),
        (png(COLORED), "map is a colored picture. The values of a map cannot be read back from"),
        (png(np.dstack([GRAY, 20 * GRAY])), "map is a colored picture."),
        (png(COLORED, "P"), "map is a colored picture."),
    ],
)
def test_a_file_without_a_map_is_refused_with_the_reason(data, sentence):
    with pytest.raises(UnusableMap) as refused:
        read_map(data, "map")
    assert sentence in str(refused.value)


def test_an_archive_of_arrays_is_refused():
    file = io.BytesIO()
    np.savez(file, values=VALUES)
    with pytest.raises(UnusableMap, match="is an archive"):
        read_map(file.getvalue(), "map.npz")


@pytest.mark.parametrize("scale", [(1.0, 1.0), (0.0, float("nan")), (float("inf"), 0.0)])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(UnusableMap, match="is not usable"):
        read_map(png(GRAY), "map.png", scale)


def test_a_picture_that_is_cut_short_is_refused():
    noise = png(np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8))
    with pytest.raises(UnusableMap, match="is a PNG file that is cut short or damaged"):
        read_map(noise[:600], "map.png", (0.0, 1.0))


def test_values_need_no_scale():
    with pytest.raises(UnusableMap, match="contains values, so it needs no scale"):
        read_map(npy(VALUES), "map.npy", (0.0, 1.0))
