"""One split by patient over two folders of NIH films, and labels corrected by readings, on small folders."""

import pytest

from xray.errors import XrayError
from xray.train.film import Film
from xray.train.nih import ABNORMAL, NORMAL, OPACITY, NihFilms, ReadFilms, corrected, labeled_by_reading
from xray.train.sources import READINGS
from xray.train.targets import targets

FINDINGS = ("Atelectasis", "Cardiomegaly", "Infiltration", "No Finding")
OWN = "8"  # the hash of this id is below 0.2; that of the others is above


def film(path, labels):
    return Film(path / "1.png", frozenset(labels), "1", "")


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
    (readings / "rsna_readings.csv").write_text(
        f"file,reading\n1_0,{NORMAL}\n1_1,{OPACITY}\n2_0,{OPACITY}\n{OWN}_1,{NORMAL}\n3_0,{ABNORMAL}\n"
    )
    (readings / "rsna_boxes.csv").write_text("file,x,y,width,height\n1_1,256,512,128,256\n1_1,0,0,1024,512\n")
    return tmp_path


def labeled(source, root):
    return [film for film in source.films(root, 0) if film.split != READINGS]


def by_name(films):
    return {film.path.stem: film for film in films}


def test_a_test_patient_of_one_folder_is_in_no_training_of_the_other(root):
    first = by_name(labeled(NihFilms("nih-chest", findings=FINDINGS, collection="A"), root))
    second = by_name(labeled(NihFilms("nih-chest-128", findings=FINDINGS, collection="B"), root))
    assert {name: (one.split, one.source) for name, one in first.items()} == {
        "1_0": ("", "A"),
        f"{OWN}_0": ("test", "A, own test patients"),
    }
    assert {name: (one.split, one.source) for name, one in second.items()} == {
        "1_1": ("", "B"),
        "2_0": ("test", "B, official test patients"),
        "3_0": ("", "B"),
    }


def test_readings_are_the_labels_with_their_boxes(root):
    films = by_name(ReadFilms("nih-chest-128", collection="RSNA").films(root, 0))
    assert {name: (*one.labels, one.split) for name, one in films.items()} == {
        "1_1": ("pneumonia", ""),
        "2_0": ("pneumonia", "test"),
    }
    assert films["1_1"].boxes == ((0.25, 0.5, 0.375, 0.75), (0, 0, 1, 0.5))


def test_text_mined_labels_of_test_films_are_kept(root):
    films = by_name(labeled(NihFilms("nih-chest-128", findings=FINDINGS), root))
    assert films["2_0"].labels == {"cardiomegaly"}
    assert not films["2_0"].known


@pytest.mark.parametrize(("findings", "label"), [(FINDINGS, "no finding"), ((), "infiltration")])
def test_only_a_source_with_findings_corrects_labels(findings, label, root):
    readings = root / "data" / "chest_readings" / "rsna_readings.csv"
    readings.write_text(f"file,reading\n1_1,{NORMAL}\n")
    found = by_name(labeled(NihFilms("nih-chest-128", findings=findings), root))["1_1"]
    assert found.labels == {label}


def test_readings_of_test_films_are_labels_of_their_own_split(root):
    films = NihFilms("nih-chest-128", findings=FINDINGS, collection="B").films(root, 0)
    read = [film for film in films if film.split == READINGS]
    assert [(film.path.stem, *film.labels, film.source) for film in read] == [
        ("2_0", "pneumonia", "B, official test patients")
    ]


@pytest.mark.parametrize(("reading", "expected"), [(NORMAL, [0, 1]), (OPACITY, [1, 0]), (ABNORMAL, [0, 0])])
def test_a_reading_covers_normal_and_opacity_only(tmp_path, reading, expected):
    known = labeled_by_reading(film(tmp_path, {"cardiomegaly"}), reading)
    row = targets([known], ("Pneumonia", "No Finding", "Cardiomegaly"))[0].tolist()
    assert row[:2] == expected
    assert row[2] != row[2], "unknown"


@pytest.mark.parametrize(
    ("labels", "reading", "expected"),
    [
        ({"infiltration"}, NORMAL, [0, 0, 0, 1]),
        ({"no finding"}, OPACITY, ["unknown", 0, "unknown", 0]),
        ({"infiltration"}, OPACITY, ["unknown", 0, 1, 0]),
        ({"no finding"}, ABNORMAL, ["unknown", "unknown", "unknown", 0]),
        ({"cardiomegaly"}, ABNORMAL, [0, 1, 0, 0]),
        ({"infiltration"}, None, [0, 0, 1, 0]),
    ],
)
def test_readings_correct_text_mined_labels(tmp_path, labels, reading, expected):
    row = targets([corrected(film(tmp_path, labels), reading, FINDINGS)], FINDINGS)[0]
    assert ["unknown" if value != value else value for value in row.tolist()] == expected


def test_a_missing_list_is_named(tmp_path, root):
    (root / "data" / "chest_readings" / "rsna_boxes.csv").unlink()
    with pytest.raises(XrayError, match=r"rsna_boxes\.csv"):
        NihFilms("nih-chest", findings=FINDINGS).films(root, 0)
