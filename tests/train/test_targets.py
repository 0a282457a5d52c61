"""Labels as targets: what a label says about each finding of a model, and what it does not say."""

import numpy as np
import pytest

from tests.corpus import film, raster
from xray.errors import UnusableData
from xray.io.label_lists import FilmLabels
from xray.train.data import comparable, read_dataset
from xray.train.targets import targets, unreported_labels

UNKNOWN = np.nan


def labeled(*labels: str, known: tuple[str, ...] = (), single_class: bool = False) -> FilmLabels:
    return FilmLabels(frozenset(labels), "p", frozenset(known), single_class)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, (UNKNOWN, UNKNOWN, UNKNOWN)),
        (labeled("mass"), (1, 0, 0)),
        (labeled("mass", "edema"), (1, 1, 0)),
        (labeled("normal"), (0, 0, 1)),
        (labeled("fracture"), (UNKNOWN, UNKNOWN, UNKNOWN)),
        (labeled("mass", known=("mass",)), (1, UNKNOWN, 0)),
        (labeled(known=("mass", "edema")), (0, 0, 1)),
        (labeled(known=("mass",)), (0, UNKNOWN, UNKNOWN)),
    ],
)
def test_a_label_gives_the_targets_that_it_implies(given, expected):
    assert np.array_equal(targets([given], ("Mass", "Edema", "No Finding"))[0], expected, equal_nan=True)


def test_labels_that_a_model_does_not_report_are_counted():
    films = [labeled("mass", "covid"), labeled("covid"), labeled("normal"), None]
    assert unreported_labels(films, ("Mass",)) == (
        "Labels that the model does not report, with their films: covid (2)."
    )


@pytest.mark.parametrize("name", ["fractured", "fracture", "fx"])
def test_the_only_class_of_a_data_yaml_is_the_finding_of_a_detector(tmp_path, name):
    for kind in ("images", "labels"):
        (tmp_path / "test" / kind).mkdir(parents=True)
    for stem in ("a", "b"):
        (tmp_path / "test" / "images" / f"{stem}.png").write_bytes(raster(film(), "PNG"))
    (tmp_path / "test" / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    (tmp_path / "data.yaml").write_text(f"names: [{name}]\ntest: ../test/images\n")
    messages: list[str] = []
    films = comparable(read_dataset(tmp_path), ("Fracture",), several=True, report=messages.append)
    assert targets(films, ("Fracture",)).tolist() == [[1], [0]]
    renamed = ["The only class of the data set, fx, is compared with Fracture."]
    assert messages == (renamed if name == "fx" else [])


def test_films_whose_labels_a_model_does_not_report_are_left_out_with_a_message(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.png").write_bytes(raster(film(), "PNG"))
    (tmp_path / "labels.csv").write_text("path,labels\na.png,Mass\nb.png,covid\n")
    films, messages = read_dataset(tmp_path), []
    assert [one.path.name for one in comparable(films, ("Mass",), several=True, report=messages.append)] == [
        "a.png"
    ]
    assert "1 of 2 films are left out" in messages[0]
    with pytest.raises(UnusableData, match=r"No film has a label that the model reports \(Edema\)"):
        comparable(films, ("Edema",), several=True)


@pytest.mark.parametrize("name", ["a.JPE", "a.dicom", "a"])
def test_films_in_class_folders_are_recognized_by_content(tmp_path, name):
    (tmp_path / "normal").mkdir()
    (tmp_path / "normal" / name).write_bytes(raster(film(), "PNG"))
    for other in ("Thumbs.db", "notes", ".hidden.png"):
        (tmp_path / "normal" / other).write_bytes(b"no film")
    assert [one.path.name for one in read_dataset(tmp_path)] == [name]


@pytest.mark.parametrize(
    "name", ["labels.csv", "Labels.tsv", "Data_Entry_2017.csv", "stage_2_train_labels.csv"]
)
def test_a_list_in_a_folder_is_found_by_its_name(tmp_path, name):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(raster(film(), "PNG"))
    (tmp_path / name).write_text("Image Index\tFinding Labels\nA\tMass\n", encoding="utf-16")
    (only,) = read_dataset(tmp_path)
    assert (only.path, only.labels) == (tmp_path / "images" / "a.png", {"mass"})
