"""Kermany's download, of Kaggle and of Mendeley, becomes 224-px squares with patients and splits."""

import numpy as np
from PIL import Image

from tests.train.prepare.downloads import film, jpeg, pixels, rows
from xray.train.data import read_dataset

KAGGLE = {
    "chest_xray/train/NORMAL/IM-0115-0001.jpeg": jpeg(film(1, (448, 672))),
    "chest_xray/train/NORMAL/NORMAL2-IM-0035-0001-0002.jpeg": jpeg(film(2)),
    "chest_xray/train/PNEUMONIA/person1_bacteria_1.jpeg": jpeg(film(3)),
    "chest_xray/train/PNEUMONIA/person1_bacteria_2.jpeg": jpeg(film(4)),
    "chest_xray/val/PNEUMONIA/person1946_virus_4875.jpeg": jpeg(film(5)),
    "chest_xray/test/NORMAL/IM-0001-0001.jpeg": jpeg(film(6)),
    "chest_xray/test/PNEUMONIA/person100_bacteria_475.jpeg": jpeg(film(7))[:300],
    "chest_xray/chest_xray/train/NORMAL/IM-0115-0001.jpeg": jpeg(film(1)),
    "chest_xray/__MACOSX/train/NORMAL/._IM-0115-0001.jpeg": b"junk",
    "chest_xray/train/.DS_Store": b"junk",
}


def test_labels_patients_and_splits_of_the_kaggle_folder(prepared, root):
    facts = prepared("kermany-pneumonia", KAGGLE)
    listed = {row["path"]: row for row in rows(root / "data/pneumonia/labels.csv")}
    assert {path: (row["labels"], row["patient_id"], row["split"]) for path, row in listed.items()} == {
        "train/NORMAL/IM-0115-0001.jpg": ("NORMAL", "IM-0115", "train"),
        "train/NORMAL/NORMAL2-IM-0035-0001-0002.jpg": ("NORMAL", "NORMAL2-IM-0035", "train"),
        "train/PNEUMONIA/person1_bacteria_1.jpg": ("PNEUMONIA|bacteria", "person1_bacteria", "train"),
        "train/PNEUMONIA/person1_bacteria_2.jpg": ("PNEUMONIA|bacteria", "person1_bacteria", "train"),
        "val/PNEUMONIA/person1946_virus_4875.jpg": ("PNEUMONIA|virus", "person1946_virus", "val"),
        "test/NORMAL/IM-0001-0001.jpg": ("NORMAL", "IM-0001", "test"),
    }
    assert facts["counts"] == {
        "test: NORMAL": 1,
        "train: NORMAL": 2,
        "train: PNEUMONIA": 2,
        "val: PNEUMONIA": 1,
    }
    assert {reason: part["n"] for reason, part in facts["left_out"].items()} == {
        "cannot be read as a film": 1,
        "film that is there twice": 1,
    }


def test_a_film_is_the_area_mean_of_the_original(prepared, root):
    prepared("kermany-pneumonia", KAGGLE)
    original = np.asarray(Image.fromarray(film(1, (448, 672))), float)
    expected = original.reshape(224, 2, 224, 3).mean((1, 3))
    found = pixels(root / "data/pneumonia/train/NORMAL/IM-0115-0001.jpg")
    assert found.shape == (224, 224)
    assert np.abs(found - expected).mean() < 2


def test_mendeleys_names_without_a_validation_part(prepared, root):
    prepared(
        "kermany-pneumonia",
        {
            "chest_xray/train/NORMAL/NORMAL-1003233-0001.jpeg": jpeg(film(1)),
            "chest_xray/train/PNEUMONIA/BACTERIA-1008087-0001.jpeg": jpeg(film(2)),
            "chest_xray/train/PNEUMONIA/VIRUS-1040666-0002.jpeg": jpeg(film(3)),
            "chest_xray/test/NORMAL/NORMAL-1049278-0001.jpeg": jpeg(film(4)),
        },
    )
    films = read_dataset(root / "data/pneumonia")
    assert sorted((film.patient, *sorted(film.labels), film.split) for film in films) == [
        ("BACTERIA-1008087", "bacteria", "pneumonia", "train"),
        ("NORMAL-1003233", "normal", "train"),
        ("NORMAL-1049278", "normal", "test"),
        ("VIRUS-1040666", "pneumonia", "virus", "train"),
    ]
