"""References of folder decks: every label, "Nothing" only of films free of everything, RSNA's readings."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from xray.access import TERMINAL
from xray.errors import UnusableData
from xray.imaging.phantom import chest_phantom
from xray.learn.folder import findings_of, labeled
from xray.learn.references import LabeledFilm
from xray.models.registry import entry

FINDINGS, PNEUMONIA = entry("findings-cnn"), entry("pneumonia-mobilenet")
SIDE = 64
NO_READING, NORMAL, ABNORMAL, OPACITY = "", "Normal", "No Lung Opacity / Not Normal", "Lung Opacity"


def folder_of(place: Path, names: str, **lists: str) -> Path:
    """A folder of films, named by letters, with lists."""
    pixels = np.rint(chest_phantom(1, finding=True, size=(SIDE, SIDE)).radiograph.pixels * 255)
    for name in names:
        cv2.imwrite(str(place / f"{name}.png"), pixels.astype(np.uint8))
    for name, text in lists.items():
        (place / f"{name}.csv").write_text(text)
    return place


def by_name(place: Path, model, finding: str) -> dict[str, LabeledFilm]:
    return {film.film.path.stem: film for film in labeled(place, model, finding, TERMINAL)}


def test_all_labels_are_shown_and_nothing_is_only_said_of_films_free_of_everything(tmp_path):
    labels = "path,labels\na.png,Mass|Edema\nb.png,No Finding\nc.png,Edema\nd.png,\ne.png,Unknown\n"
    films = by_name(folder_of(tmp_path, "abcde", labels=labels), FINDINGS, "Mass")
    titles = {name: film.load()[1].title("Mass") for name, film in films.items()}
    assert titles == {"a": "Mass, Edema", "b": "Nothing", "c": "No mass; Edema"}, "d and e are unknown"
    assert films["c"].load()[1].known_by == "The film is labeled Edema."
    assert films["a"].present is True, "as JSON writes it, not as a type of numpy"


def test_a_list_of_one_finding_does_not_say_that_a_film_is_free_of_everything(tmp_path):
    place = folder_of(tmp_path, "abc", labels="path,Mass\na.png,1\nb.png,0\nc.png,\n")
    films = by_name(place, FINDINGS, "Mass")
    assert {name: film.load()[1].title("Mass") for name, film in films.items()} == {
        "a": "Mass",
        "b": "No mass",
    }
    assert films["b"].load()[1].known_by == (
        "The film is labeled to be without Mass; other findings are unknown."
    )


LISTED = {"a": "No Finding", "b": "No Finding", "c": "No Finding", "d": "Mass", "e": "Pneumonia", "f": "Mass"}
READ = {"a": NORMAL, "b": ABNORMAL, "c": OPACITY, "d": NORMAL, "e": ABNORMAL, "f": OPACITY}


@pytest.fixture
def read(tmp_path) -> Path:
    """Six films with text-mined labels and readings that agree or disagree with them."""
    labels = "path,labels\n" + "".join(f"{name}.png,{label}\n" for name, label in LISTED.items())
    readings = "file,reading\n" + "".join(f"{name},{reading}\n" for name, reading in READ.items())
    return folder_of(tmp_path, "abcdef", labels=labels, rsna_readings=readings)


def test_a_reading_prevails_over_the_labels_of_a_list(read):
    pneumonia = by_name(read, FINDINGS, "Pneumonia")
    assert {name: film.present for name, film in pneumonia.items()} == {
        "a": False,
        "b": False,
        "c": True,
        "d": False,
        "e": False,
        "f": True,
    }
    titles = {name: film.load()[1].title("Pneumonia") for name, film in pneumonia.items()}
    assert titles == {
        "a": "Nothing",
        "b": "No pneumonia; Not normal",
        "c": "Pneumonia",
        "d": "Nothing",
        "e": "No pneumonia; Not normal",
        "f": "Pneumonia, Mass",
    }
    assert "read the film as Normal" in pneumonia["d"].load()[1].known_by
    assert "The list labels it Mass" in pneumonia["d"].load()[1].known_by


def test_a_contradicted_no_finding_says_nothing_about_other_findings(read):
    masses = by_name(read, FINDINGS, "Mass")
    assert {name: film.present for name, film in masses.items() if name in "abcdf"} == {
        "a": False,
        "d": False,
        "f": True,
    }, "of b and c, only what was read is known"


def test_readings_and_boxes_of_the_rsna_challenge_are_understood_without_labels(tmp_path):
    place = folder_of(
        tmp_path,
        "abcd",
        stage_2_detailed_class_info=f"patientId,class\na,{OPACITY}\na,{OPACITY}\nb,{NORMAL}\nc,{ABNORMAL}\nd,\n",
        rsna_boxes="file,x,y,width,height\na,256,512,256,128\n",
    )
    assert findings_of(place, PNEUMONIA, TERMINAL) == ["Pneumonia"]
    films = by_name(place, PNEUMONIA, "Pneumonia")
    references = {name: film.load()[1] for name, film in films.items()}
    assert {name: one.title("Pneumonia") for name, one in references.items()} == {
        "a": "Pneumonia",
        "b": "Nothing",
        "c": "No pneumonia; Not normal",
    }
    scale = SIDE / 1024
    assert references["a"].boxes.tolist() == [[256 * scale, 512 * scale, 512 * scale, 640 * scale]]
    assert "radiologist" in references["a"].known_by


def test_the_labels_and_boxes_of_the_rsna_challenge_are_understood_without_readings(tmp_path):
    table = "patientId,x,y,width,height,Target\na,256,512,256,128,1\nb,,,,,0\n"
    films = by_name(folder_of(tmp_path, "ab", stage_2_train_labels=table), PNEUMONIA, "Pneumonia")
    a, b = (films[name].load()[1] for name in "ab")
    assert (a.title("Pneumonia"), b.title("Pneumonia")) == ("Pneumonia", "No pneumonia")
    assert a.boxes.shape == (1, 4)
    assert a.boxes.max() == pytest.approx(640 * SIDE / 1024)


def test_a_box_of_rsna_is_none_of_another_finding(tmp_path):
    place = folder_of(
        tmp_path,
        "ab",
        labels="path,labels\na.png,Mass|Pneumonia\nb.png,No Finding\n",
        rsna_boxes="file,x,y,width,height\na,256,512,256,128\n",
    )
    assert not by_name(place, FINDINGS, "Mass")["a"].boxes
    assert by_name(place, FINDINGS, "Pneumonia")["a"].boxes


def test_a_box_outside_its_film_gets_a_message(tmp_path):
    place = folder_of(
        tmp_path,
        "ab",
        labels="path,labels\na.png,Mass\nb.png,No Finding\n",
        boxes="image,label,x,y,w,h\na.png,Mass,256,512,256,128\n",
    )
    with pytest.raises(UnusableData, match=r"outside its film.*width and height"):
        by_name(place, FINDINGS, "Mass")["a"].load()


def test_a_list_of_readings_without_readings_gets_a_message(tmp_path):
    place = folder_of(tmp_path, "a", rsna_readings="file,remark\na,x\n")
    with pytest.raises(UnusableData, match=r"rsna_readings\.csv is not a list of readings"):
        findings_of(place, PNEUMONIA, TERMINAL)
