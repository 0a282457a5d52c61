"""RSNA's readings of NIH films, split by patient over two small folders."""

import pytest

from xray.errors import XrayError
from xray.train.nih import NORMAL, OPACITY, ReadFilms

OWN = "8"  # the hash of this id is below 0.2; that of the others is above


@pytest.fixture
def root(tmp_path):
    lists = {
        "chest": [("1_0", "No Finding", "1", "train_val"), (f"{OWN}_0", "Infiltration", OWN, "train_val")],
        "chest128": [
            ("1_1", "Infiltration", "1", "train_val"),
            (f"{OWN}_1", "No Finding", OWN, "train_val"),
            ("2_0", "Cardiomegaly", "2", "test"),
            ("3_0", "No Finding", "3", "train_val"),
        ],
    }
    for folder, rows in lists.items():
        images = tmp_path / "data" / folder / "images"
        images.mkdir(parents=True)
        lines = ["path,labels,patient_id,split"]
        for stem, labels, patient, split in rows:
            (images / f"{stem}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
            lines.append(f"images/{stem}.png,{labels},{patient},{split}")
        (images.parent / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    readings = tmp_path / "data" / "chest_readings"
    readings.mkdir()
    read = {"1_0": NORMAL, "1_1": OPACITY, "2_0": OPACITY, f"{OWN}_1": NORMAL, "3_0": "Not Normal"}
    lines = ["file,reading", *(f"{stem},{reading}" for stem, reading in read.items())]
    (readings / "rsna_readings.csv").write_text("\n".join(lines), encoding="utf-8")
    (readings / "rsna_boxes.csv").write_text("file,x,y,width,height\n1_1,256,512,128,256\n1_1,0,0,1024,512\n")
    return tmp_path


def by_name(films):
    return {film.path.stem: film for film in films}


def test_readings_are_the_labels_with_their_boxes(root):
    films = by_name(ReadFilms("nih-chest-128", collection="RSNA").films(root, 0))
    assert {name: (*one.labels, one.split) for name, one in films.items()} == {
        "1_1": ("pneumonia", ""),
        "2_0": ("pneumonia", "test"),
    }
    assert films["1_1"].boxes == ((0.25, 0.5, 0.375, 0.75), (0, 0, 1, 0.5))


def test_a_missing_list_is_named(tmp_path, root):
    (root / "data" / "chest_readings" / "rsna_boxes.csv").unlink()
    with pytest.raises(XrayError, match=r"rsna_boxes\.csv"):
        ReadFilms("nih-chest").films(root, 0)
