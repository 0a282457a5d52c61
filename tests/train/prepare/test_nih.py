"""NIH's archives and lists, and RSNA's readings, as the recipes of chest models read them."""

import io
import json
import tarfile

import numpy as np
import pytest

from tests.train.prepare.downloads import film, pixels, png, put, rows
from xray.errors import UnusableData
from xray.io.box_lists import boxes_of
from xray.train.data import read_dataset
from xray.train.nih import ReadFilms
from xray.train.prepare import prepare

HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n"
)
ENTRIES = {
    "00000001_000.png": "Cardiomegaly|Emphysema,0,1,58,M,PA",
    "00000002_000.png": "No Finding,0,2,081Y,F,AP",
    "00001336_000.png": "Infiltration,0,1336,15,M,PA",
    "00003924_000.png": "No Finding,0,3924,30,F,PA",
    "00000009_000.png": "Mass,0,9,20,F,PA",
}
LISTS = {
    "Data_Entry_2017.csv": HEADER
    + "".join(f"{name},{entry},1024,1024,0.14,0.14,\n" for name, entry in ENTRIES.items()),
    "train_val_list.txt": "00000001_000.png\n00001336_000.png\n00000009_000.png",
    "test_list.txt": "00000002_000.png\n00003924_000.png\n",
    "BBox_List_2017.csv": "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"
    "00000002_000.png,Infiltrate,100.5,200,50,40.25,,,\n00005555_000.png,Mass,1,2,3,4,,,\n",
}
FILMS = {f"images_001/images/{name}": png(film(seed, (512, 512))) for seed, name in enumerate(ENTRIES)}
del FILMS["images_001/images/00000009_000.png"]
FILMS["images_001/images/00000007_000.png"] = png(film(7))


def test_labels_splits_and_boxes_are_the_official_ones(prepared, root):
    facts = prepared("nih-chest", FILMS | LISTS)
    listed = {row["path"]: row for row in rows(root / "data/chest/labels.csv")}
    assert list(listed) == [
        "images/00000001_000.jpg",
        "images/00000002_000.jpg",
        "images/00001336_000.jpg",
        "images/00003924_000.jpg",
    ]
    assert dict(listed["images/00000001_000.jpg"]) == {
        "path": "images/00000001_000.jpg",
        "labels": "Cardiomegaly|Emphysema",
        "patient_id": "1",
        "split": "train_val",
        "view": "PA",
        "age": "58",
        "sex": "M",
    }
    assert [row["split"] for row in listed.values()] == ["train_val", "test", "train_val", "test"]
    assert listed["images/00000002_000.jpg"]["age"] == "081"
    assert {reason: part["n"] for reason, part in facts["left_out"].items()} == {
        "box of a film that is not there": 1,
        "film without a row in Data_Entry_2017": 1,
        "row of Data_Entry_2017 without a film": 1,
    }
    path = root / "data/chest/images/00000002_000.jpg"
    (box,) = boxes_of(root / "data/chest/boxes.csv", [path])[path]
    assert box.label == "infiltrate"
    assert box.on((256, 256)) == pytest.approx((100.5 / 4, 50, 150.5 / 4, 240.25 / 4))
    assert facts["boxes"] == 1


def test_films_are_reduced_to_256_px_by_area(prepared, root):
    prepared("nih-chest", FILMS | LISTS)
    expected = film(0, (512, 512)).astype(float).reshape(256, 2, 256, 2).mean((1, 3))
    found = pixels(root / "data/chest/images/00000001_000.jpg")
    assert found.shape == (256, 256)
    assert np.abs(found - expected).mean() < 2


def test_the_collection_of_128_px_contains_the_patients_of_one_archive(prepared, root):
    facts = prepared("nih-chest-128", FILMS | LISTS)
    assert [row["path"] for row in rows(root / "data/chest128/labels.csv")] == ["images/00001336_000.jpg"]
    assert pixels(root / "data/chest128/images/00001336_000.jpg").shape == (128, 128)
    assert facts["left_out"]["film of another archive than images_002"]["n"] == 4


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


@pytest.mark.parametrize("form", ["flat", "tar", "v2020"])
def test_other_forms_of_the_download_give_the_same_films(tmp_path, form):
    expected = tmp_path / "expected"
    prepare("nih-chest", put(tmp_path / "folders", FILMS | LISTS), expected)
    flat = {name.rpartition("/")[2]: data for name, data in FILMS.items()}
    files = flat | LISTS
    if form == "tar":
        files = {"images_001.tar.gz": packed({f"images/{name}": data for name, data in flat.items()})} | LISTS
    if form == "v2020":
        files["Data_Entry_2017_v2020.csv"] = files.pop("Data_Entry_2017.csv").replace("Gender", "Sex")
    found = tmp_path / "found"
    prepare("nih-chest", put(tmp_path / form, files), found)
    assert (found / "sha256.txt").read_text() == (expected / "sha256.txt").read_text()


def test_a_recipe_reads_the_prepared_readings_and_boxes(prepared, root):
    prepared("nih-chest", FILMS | LISTS)
    prepared("nih-chest-128", FILMS | LISTS)
    ids = {"a": "00000001_000", "b": "00000002_000", "c": "00001336_000", "e": "00003924_000"}
    facts = prepared(
        "rsna-readings",
        {
            "stage_2_train_labels.csv": "patientId,x,y,width,height,Target\n"
            "a,,,,,0\nb,256.0,512.0,128.0,256.0,1\nb,0.0,0.0,1024.0,512.0,1\nc,,,,,0\nd,1.0,2.0,3.0,4.0,1\ne,,,,,0\n",
            "stage_2_detailed_class_info.csv": "patientId,class\na,Normal\nb,Lung Opacity\nb,Lung Opacity\n"
            "c,Normal\nd,Lung Opacity\ne,No Lung Opacity / Not Normal\n",
            "pneumonia-challenge-dataset-mappings_2018.json": json.dumps(
                [{"subset_img_id": key, "img_id": f"{stem}.png"} for key, stem in ids.items()]
            ),
        },
    )
    assert facts["n"] == 4
    assert facts["boxes"] == 2
    assert {reason: part["n"] for reason, part in facts["left_out"].items()} == {
        "box of an id that the mapping does not contain": 1,
        "reading of an id that the mapping does not contain": 1,
    }
    found = {
        one.path.stem: one
        for source in ("nih-chest", "nih-chest-128")
        for one in ReadFilms(source, collection="RSNA").films(root, 0)
    }
    assert found["00000002_000"].labels == {"pneumonia"}
    assert found["00000002_000"].split == "test"
    assert sorted(found["00000002_000"].boxes) == [(0, 0, 1, 0.5), (0.25, 0.5, 0.375, 0.75)]
    assert "00003924_000" not in found
    assert found["00001336_000"].labels == {"normal"}
    assert found["00001336_000"].split == ""


def test_a_download_without_the_lists_is_refused_with_what_is_missing(prepared, root):
    with pytest.raises(
        UnusableData, match=r"not the download of nih-chest.*test_list\.txt.*Expected: PNG films"
    ):
        prepared("nih-chest", FILMS | {name: LISTS[name] for name in list(LISTS)[:2]})
    assert not root.exists() or not any(root.rglob("*.*"))


def test_prepared_films_have_the_labels_of_data_entry(prepared, root):
    prepared("nih-chest", FILMS | LISTS)
    films = {one.path.stem: one for one in read_dataset(root / "data/chest", own_split=True)}
    assert films["00000001_000"].labels == {"cardiomegaly", "emphysema"}
    assert [stem for stem, one in films.items() if one.split == "test"] == ["00000002_000"]  # with a box
