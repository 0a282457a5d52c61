"""The door: names, true formats, hidden identifiers, and one kind of error for any bytes whatever."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.corpus import Samples, dicom, raster, tiff
from tests.corpus.good_files import GOOD_FILES
from xray.errors import UnreadableImage
from xray.io import read_radiograph
from xray.types import Radiograph


def outcome(data: bytes) -> Radiograph | UnreadableImage:
    try:
        return read_radiograph(data, "film.bin")
    except UnreadableImage as refusal:
        return refusal


@pytest.mark.parametrize("kind", GOOD_FILES)
def test_pixels_are_frozen_contiguous_float32_from_0_to_1(kind: str) -> None:
    pixels = read_radiograph(GOOD_FILES[kind], "film.bin").pixels
    assert pixels.dtype == np.float32
    assert pixels.flags.c_contiguous
    assert not pixels.flags.writeable
    assert pixels.shape == (64, 48)
    assert 0 <= pixels.min() < pixels.max() <= 1


@given(arrays(np.uint16, st.tuples(st.integers(32, 40), st.integers(32, 40))))
def test_16_bit_values_come_through_every_lossless_format_alike(samples: Samples) -> None:
    samples[0, :3] = 0, 65535, 65535  # a single bright pixel would count as an outlier
    exact = {"VOILUTFunction": "LINEAR_EXACT", "WindowCenter": 32767.5, "WindowWidth": 65535}
    for data in (raster(samples, "PNG"), tiff(samples, compression="lzw"), dicom(samples, **exact)):
        np.testing.assert_allclose(
            read_radiograph(data, "film.bin").pixels, samples / 65535, rtol=0, atol=1e-7
        )


@given(arrays(np.uint8, st.tuples(st.integers(32, 40), st.integers(32, 40))))
def test_the_same_8_bit_film_is_the_same_in_every_lossless_format(samples: Samples) -> None:
    samples[0, :2] = 0, 255
    files = [raster(samples, kind) for kind in ("PNG", "BMP", "TIFF")]
    files.append(raster(np.stack([samples] * 3, -1), "WebP", lossless=True))
    assert len({read_radiograph(data, "film.bin").sha256 for data in files}) == 1


@pytest.mark.parametrize(
    ("given_name", "base"),
    [
        ("hand.png", "hand.png"),
        ("/films/of/someone/hand.png", "hand.png"),
        ("C:\\Users\\someone\\hand.png", "hand.png"),
        ("..\\films/hand.png", "hand.png"),
        ("ha\nnd\0.png", "hand.png"),
        ("films/", "The file"),
        ("", "The file"),
    ],
)
def test_only_the_base_name_of_a_path_is_kept(given_name: str, base: str) -> None:
    assert read_radiograph(GOOD_FILES["8-bit PNG"], given_name).name == base
    with pytest.raises(UnreadableImage, match=f"^{base} is empty"):
        read_radiograph(b"", given_name)


@pytest.mark.parametrize(
    ("kind", "name", "notes"),
    [
        ("JPEG", "film.png", ("Named .png, but is a JPEG.",)),
        ("8-bit PNG", "film.JPEG", ("Named .jpeg, but is a PNG.",)),
        ("8-bit PNG", "film.dcm", ("Named .dcm, but is a PNG.",)),
        ("BMP", "film.gif", ("Named .gif, but is a BMP.",)),
        ("lossless WebP", "film.tif", ("Named .tif, but is a WebP.",)),
        ("plain TIFF", "film.bmp", ("Named .bmp, but is a TIFF.",)),
        ("JPEG", "film.jfif", ()),
        ("plain TIFF", "film.TIFF", ()),
        ("8-bit PNG", "film.v2", ()),
        ("8-bit PNG", "film", ()),
    ],
)
def test_a_name_that_lies_about_the_format_is_noted(kind: str, name: str, notes: tuple[str, ...]) -> None:
    radiograph = read_radiograph(GOOD_FILES[kind], name)
    assert tuple(note for note in radiograph.notes if note.startswith("Named")) == notes
    assert radiograph.sha256 == read_radiograph(GOOD_FILES[kind], "film.bin").sha256


def test_a_dicom_file_named_png_is_read_as_dicom() -> None:
    assert read_radiograph(GOOD_FILES["color DICOM"], "film.png").notes[-1] == "Named .png, but is a DICOM."


def test_a_preamble_that_looks_like_a_tiff_does_not_hide_a_dicom_file() -> None:
    dual = b"II*\0\x08\0\0\0" + GOOD_FILES["explicit DICOM"][8:]
    assert (
        read_radiograph(dual, "film.dcm").sha256 == read_radiograph(GOOD_FILES["explicit DICOM"], "").sha256
    )


@given(st.binary(max_size=400))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert isinstance(outcome(data), UnreadableImage)


@given(st.sampled_from(sorted(GOOD_FILES)), st.integers(2, 100), st.binary(max_size=400))
def test_random_bytes_after_a_true_beginning_are_refused(kind: str, kept: int, data: bytes) -> None:
    assert isinstance(outcome(GOOD_FILES[kind][:kept] + data), UnreadableImage)


@given(
    st.sampled_from(sorted(GOOD_FILES)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    st.sampled_from([400, None]),
    st.sampled_from(["replace", "insert", "delete"]),
)
def test_a_mutated_file_is_read_or_refused(
    kind: str, mutations: list[tuple[float, int]], within: int | None, how: str
) -> None:
    data = bytearray(GOOD_FILES[kind])
    for place, value in mutations:
        at = int(place * len(data[:within]))
        data[at : at + (how != "insert")] = b"" if how == "delete" else bytes([value])
    result = outcome(bytes(data))
    assert isinstance(result, UnreadableImage) or np.isfinite(result.pixels).all()


@pytest.mark.parametrize("kind", GOOD_FILES)
def test_a_truncated_file_is_refused_or_complete_and_never_filled(kind: str) -> None:
    data = GOOD_FILES[kind]
    whole = read_radiograph(data, "film.bin").sha256
    for end in {*range(0, len(data), len(data) // 40), *range(len(data) - 30, len(data))}:
        result = outcome(data[:end])
        assert isinstance(result, UnreadableImage) or result.sha256 == whole


def test_many_threads_read_the_same_films_as_one() -> None:
    alone = {kind: read_radiograph(data, "film.bin").sha256 for kind, data in GOOD_FILES.items()}
    kinds = [kind for kind in GOOD_FILES for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda kind: read_radiograph(GOOD_FILES[kind], "film.bin").sha256, kinds))
    assert together == [alone[kind] for kind in kinds]
