"""Decks from a generated folder: references from its files, messages for invalid lists."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from xray.access import TERMINAL
from xray.errors import UnusableData, XrayError
from xray.imaging.phantom import chest_phantom, limb_phantom
from xray.io import read_radiograph
from xray.learn.deck import FILMS
from xray.learn.folder import findings_of, folder_deck, half_wrong
from xray.learn.references import LabeledFilm
from xray.models.ensemble import load_model
from xray.models.registry import entry
from xray.train.film import Film

MODEL, FINDING = entry("findings-cnn"), "Infiltration"  # the quickest network
SIDE = 128
BOX = (0.25, 0.5, 0.5, 0.75)  # as shares of the film


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Ten films, every other one labeled and boxed, the boxes in pixels eight times as small."""
    place = tmp_path_factory.mktemp("Mustermann")
    chests = [chest_phantom(1, finding=finding, size=(SIDE, SIDE)) for finding in (True, False)]
    with (place / "labels.csv").open("w", newline="") as labels, (place / "boxes.csv").open("w") as boxes:
        listed, marked = csv.writer(labels), csv.writer(boxes)
        listed.writerow(["path", "labels", "patient_id", "split"])
        marked.writerow(["image", "label", "x", "y", "w", "h", "width", "height"])
        for number in range(10):
            name = f"mueller-{number}.png"
            pixels = np.roll(chests[number % 2].radiograph.pixels, number, axis=1)
            cv2.imwrite(str(place / name), np.rint(pixels * 255).astype(np.uint8))
            listed.writerow(
                [name, "Infiltration|Mass" if number % 2 == 0 else "No Finding", f"p{number}", ""]
            )
            if number % 2 == 0:
                marked.writerow([name, "Infiltrate", 256, 512, 256, 256, 1024, 1024])
    return place


def test_findings_of_a_folder_label_some_but_not_all_films(folder):
    assert findings_of(folder, MODEL, TERMINAL) == ["Infiltration", "Mass"]


def test_references_are_those_of_the_files(folder):
    deck = folder_deck(folder, MODEL, FINDING, 3, TERMINAL)
    assert len(deck.questions) == FILMS
    pixels = {path.stem: cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in folder.glob("*.png")}
    shown = []
    for number, question in enumerate(deck.questions):
        film, reference = question.film(number + 1)
        name = next(name for name, one in pixels.items() if np.abs(one / 255 - film.pixels).max() < 1e-6)
        shown.append(name)
        assert reference.present == (int(name[-1]) % 2 == 0)
        expected = [[share * SIDE for share in BOX]] if reference.present else []
        assert reference.boxes.tolist() == expected
        assert reference.title(FINDING) == ("Infiltration, Mass" if reference.present else "Nothing")
        assert name not in film.name
        assert (question.finding, question.model_id) == (FINDING, MODEL.id)
    assert len(set(shown)) == FILMS
    assert abs(sum(int(name[-1]) % 2 == 0 for name in shown) - FILMS / 2) <= 1


def test_a_seed_gives_one_deck_and_others_others(folder):
    assert files_of(folder, 3) == files_of(folder, 3)
    assert files_of(folder, 3) != files_of(folder, 4)


def files_of(folder: Path, seed: int) -> list[str]:
    deck = folder_deck(folder, MODEL, FINDING, seed, TERMINAL)
    return [question.load.__self__.film.path.name for question in deck.questions]


def test_the_deck_contains_the_available_mistakes(folder):
    model = load_model(MODEL.id)

    def wrong(path: Path) -> bool:
        film = read_radiograph(path.read_bytes(), path.name)
        return model.predict(film, intervals=False).at_operating_point(FINDING) != (
            int(path.stem[-1]) % 2 == 0
        )

    mistakes = {path.name for path in folder.glob("*.png") if wrong(path)}
    assert mistakes, "the model is wrong on some of these"
    chosen = set(files_of(folder, 0))
    assert len(mistakes & chosen) == min(len(mistakes), FILMS // 2)


def test_half_are_wrong_where_there_are_enough():
    def films(present: bool, count: int) -> list[LabeledFilm]:
        made = [Film(Path(f"{present}{number}.png"), frozenset(), "", "") for number in range(count)]
        return [LabeledFilm(one, FINDING, present, ()) for one in made]

    judged = [(one, number >= 4) for present in (True, False) for number, one in enumerate(films(present, 9))]
    chosen = half_wrong(judged)
    was_right = dict(judged)
    assert len(chosen) == FILMS
    assert sum(was_right[one] for one in chosen) == FILMS // 2
    assert sum(one.present for one in chosen) == FILMS // 2
    only_right = [(one, True) for one in films(True, 3)]
    assert len(half_wrong(only_right)) == 3


def test_a_folder_of_yolos_gives_its_boxes(tmp_path):
    for kind in ("images", "labels"):
        (tmp_path / "test" / kind).mkdir(parents=True)
    (tmp_path / "data.yaml").write_text("names: [fractured]\ntest: test/images\n")
    pixels = np.rint(limb_phantom(1, finding=True).radiograph.pixels * 255).astype(np.uint8)
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / "test" / "images" / f"{name}.png"), pixels)
    (tmp_path / "test" / "labels" / "a.txt").write_text("0 0.5 0.25 0.25 0.1\n")
    deck = folder_deck(tmp_path, entry("fracture-yolov8n"), "Fracture", 0, TERMINAL)
    references = [question.film(1)[1] for question in deck.questions]
    height, width = pixels.shape
    (boxes,) = [one.boxes for one in references if one.present]
    assert boxes == pytest.approx(np.array([[0.375 * width, 0.2 * height, 0.625 * width, 0.3 * height]]))
    assert [len(one.boxes) for one in references if not one.present] == [0]


@pytest.mark.parametrize(
    "content",
    [
        b"name,what\na.png,Mass\n",
        b"path,labels\na.png\n",
        b"path,labels\n",
        b"\xff\xfe\x00\x81",
        b"",
    ],
    ids=["other columns", "a short line", "no film", "no text", "empty"],
)
def test_a_broken_list_of_films_gets_a_message(tmp_path, content):
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(UnusableData) as told:
        findings_of(tmp_path, MODEL, TERMINAL)
    assert str(told.value).endswith(".")
    assert "Traceback" not in str(told.value)


def test_a_missing_folder_gets_a_message(tmp_path):
    with pytest.raises(UnusableData, match="no labeled films"):
        findings_of(tmp_path / "nowhere", MODEL, TERMINAL)


@pytest.mark.parametrize("damage", ["films", "boxes"])
def test_a_damaged_film_and_a_list_of_boxes_without_boxes_are_reported(tmp_path, damage):
    (tmp_path / "labels.csv").write_text("path,labels\na.png,Mass\nb.png,No Finding\n")
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"no film")
    if damage == "boxes":
        (tmp_path / "boxes.csv").write_text("image,label\na.png,Mass\n")
    message = r"boxes\.csv is not a list of boxes" if damage == "boxes" else "can analyze none of the films"
    with pytest.raises(XrayError, match=message):
        folder_deck(tmp_path, MODEL, "Mass", 0, TERMINAL)
