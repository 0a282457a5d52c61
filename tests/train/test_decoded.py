"""Each film is decoded once, however often it is used."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from xray.errors import UnusableData
from xray.train import film as film_module
from xray.train.decoded import DecodedFilms
from xray.train.film import Film


def film_of(path, **facts):
    return Film(path, frozenset({"normal"}), "p", "train", **facts)


@pytest.fixture
def gray(tmp_path):
    pixels = np.full((64, 64), 130, np.uint8)
    pixels[20:40, 20:30] = 180
    Image.fromarray(pixels).save(tmp_path / "film.png")
    return tmp_path / "film.png", pixels


@pytest.fixture
def reads(monkeypatch):
    names, read = [], film_module.read_radiograph
    monkeypatch.setattr(
        film_module, "read_radiograph", lambda content, name: (names.append(name), read(content, name))[1]
    )
    return names


def test_pixels_are_those_of_the_file_in_its_pose(gray, tmp_path):
    path, pixels = gray
    decoded = DecodedFilms(tmp_path / "films", 64)
    assert (decoded.pixels(film_of(path))[0] == pixels).all()
    assert (decoded.pixels(film_of(path, turns=1, inverted=True))[0] == 255 - np.rot90(pixels)).all()


def test_a_film_is_decoded_once_for_readers_of_the_same_folder(gray, tmp_path, reads):
    path, pixels = gray
    for _ in range(2):
        decoded = DecodedFilms(tmp_path / "films", 64)
        assert decoded.readable([film_of(path)], "films") == [film_of(path)]
        stack = decoded.stacked([film_of(path), film_of(path)])
        assert torch.equal(stack, torch.from_numpy(np.stack([pixels, pixels]))[:, None])
    assert reads == ["film.png"]
    DecodedFilms(tmp_path / "films", 32).pixels(film_of(path))
    assert len(reads) == 2


def test_a_changed_file_is_decoded_again(gray, tmp_path):
    path, pixels = gray
    decoded = DecodedFilms(tmp_path / "films", 64)
    decoded.pixels(film_of(path))
    before = path.stat()
    Image.fromarray(pixels.T).save(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert (decoded.pixels(film_of(path))[0] == pixels.T).all()


def test_unreadable_films_are_reported_and_missing_ones_named(gray, tmp_path, capsys):
    path, _ = gray
    (tmp_path / "broken.png").write_bytes(b"no picture")
    decoded = DecodedFilms(tmp_path / "films", 64)
    broken = film_of(tmp_path / "broken.png")
    assert decoded.readable([broken, film_of(path)], "films") == [film_of(path)]
    assert "broken.png" in capsys.readouterr().err
    with pytest.raises(UnusableData, match=r"lost\.png is listed but cannot be opened"):
        decoded.pixels(film_of(tmp_path / "lost.png"))
