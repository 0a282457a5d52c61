"""Training films of the recipes; none of them is a test film."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from xray.models.gate import INVERTED, SIDEWAYS, UPSIDE_DOWN
from xray.settings import settings
from xray.train.data import read_dataset, readable, targets_of
from xray.train.dataset import dataset
from xray.train.pose import posed_film
from xray.train.public_data import COLLECTIONS, folder_name
from xray.train.recipes import RECIPES
from xray.train.sources import OTHER_SOURCE, Source


def listed(folder, rows):
    """A folder with a labels.csv, and an empty file for every film that it lists."""
    for path, *_ in rows:
        (folder / path).touch()
    with (folder / "labels.csv").open("w", newline="") as lines:
        written = csv.writer(lines)
        written.writerow(["path", "class", "patient_id", "split", "dataset"])
        written.writerows(rows)
    return folder


@pytest.fixture
def folder(tmp_path):
    return listed(
        tmp_path,
        [
            ["a.png", "hip_pelvis", "1", "train", "one"],
            ["b.png", "hand", "2", "train", "one"],
            ["c.png", "hand", "3", "train", "two"],
            ["d.png", "hand", "4", "test", "one"],
        ],
    )


def test_labels_are_renamed_and_one_collection_is_only_tested_on(folder):
    source = Source("", rename={"hip_pelvis": "hip and pelvis"}, elsewhere=(("two", "hand"),))
    films = source.films(folder, 0.0)
    assert [(film.path.name, *film.labels, film.split) for film in films] == [
        ("a.png", "hip and pelvis", "train"),
        ("b.png", "hand", "train"),
        ("d.png", "hand", "test"),
        ("c.png", "hand", OTHER_SOURCE),
    ]


def test_a_helping_source_gives_no_film_to_any_test(folder):
    assert {film.split for film in Source("", helper=True).films(folder, 0.0)} == {"train"}


def test_unknown_findings_are_not_a_number(folder):
    films = Source("", all_are="chest", known=("chest",)).films(folder, 0.0)
    assert np.array_equal(
        targets_of(films, ("chest", "sideways"), several=True), [[1, np.nan]] * 4, equal_nan=True
    )


def test_a_share_of_the_patients_is_tested_on_always_the_same(tmp_path):
    folder = listed(tmp_path, [[f"{n}.png", "hand", f"p{n // 2}", "", ""] for n in range(2000)])
    films = read_dataset(folder, test_share=0.2)
    tested = {film.patient for film in films if film.split == "test"}
    assert 150 < len(tested) < 250
    assert all((film.patient in tested) == (film.split == "test") for film in films)
    smaller = {film.patient for film in read_dataset(folder, test_share=0.1) if film.split == "test"}
    assert smaller < tested


def test_own_split_replaces_the_given_split_and_tests_on_boxed_patients(folder):
    (folder / "boxes.csv").write_text("image,label,x,y,w,h\nb.dcm,fracture,1,2,3,4\n")
    films = read_dataset(folder, own_split=True)
    assert [film.path.name for film in films if film.split == "test"] == ["b.png"]


def test_films_that_cannot_be_read_are_named_and_left_out(folder, capsys):
    Image.fromarray(np.arange(4096, dtype=np.uint8).reshape(64, 64)).save(folder / "a.png")
    (folder / "b.png").write_bytes(b"no picture")
    assert [film.path.name for film in readable(read_dataset(folder)[:2])] == ["a.png"]
    assert "Left out: b.png" in capsys.readouterr().err


def test_a_posed_film_is_rotated_as_labeled(folder):
    pixels = np.zeros((64, 48), np.uint8)
    pixels[:8] = 200  # a bright top edge
    Image.fromarray(pixels).save(folder / "a.png")
    (film, *_) = Source("", all_are="chest", known=("chest",)).films(folder, 0.0)
    seen = set()
    for number in range(12):
        posed = posed_film(film, number)
        shown = posed.read().pixels
        bright = shown if INVERTED not in posed.labels else 1 - shown
        edges = {"top": bright[:8], "bottom": bright[-8:], "left": bright[:, :8], "right": bright[:, -8:]}
        brightest = max(edges, key=lambda edge: edges[edge].mean())
        turned = next(iter(posed.labels & {SIDEWAYS, UPSIDE_DOWN}), "upright")
        assert brightest in {"upright": ["top"], UPSIDE_DOWN: ["bottom"], SIDEWAYS: ["left", "right"]}[turned]
        seen.add((turned, INVERTED in posed.labels))
    assert len(seen) >= 5


def test_recipes_name_collections_and_no_folders():
    recipes = [recipe for recipe in RECIPES.values() if not recipe.teaching]  # those films are simulated
    assert {source.folder for each in recipes for source in each.sources} <= COLLECTIONS.keys()


@pytest.fixture(scope="module")
def each_folder_read_once() -> Iterator[None]:
    """Recipes share folders with many thousand films."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("xray.train.sources.read_dataset", cache(read_dataset))
        yield


@pytest.mark.usefixtures("each_folder_read_once")
@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.slow
def test_no_patient_is_learned_from_and_tested_on(name):
    recipe = RECIPES[name]
    if not all((settings().training_data / folder_name(source.folder)).is_dir() for source in recipe.sources):
        pytest.skip("the films are not at hand (XRAY_TRAINING_DATA)")
    films = dataset(recipe)
    learned = {(film.path.parts[-3:-1], film.patient) for film in (*films.learning, *films.helping)}
    for part in (films.held_out, films.test, films.other_source):
        assert not learned & {(film.path.parts[-3:-1], film.patient) for film in part}
    assert films.learning
    assert films.held_out
    assert films.test


def test_an_ensemble_is_calibrated_on_films_that_no_member_was_trained_on(planted_films, monkeypatch):
    names = ("pneumonia-mobilenet", "pneumonia-vit")
    monkeypatch.setitem(RECIPES, names[1], replace(RECIPES[names[1]], seed=2))
    held_out = dataset(RECIPES["pneumonia-ensemble"], planted_films).held_out
    parts = [dataset(RECIPES[name], planted_films) for name in names]
    assert held_out
    assert len(held_out) < len(parts[0].held_out)
    trained = {film.path for part in parts for film in part.learning}
    assert not trained & {film.path for film in held_out}
