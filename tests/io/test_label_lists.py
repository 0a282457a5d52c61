"""Lists that users give: encodings, dialects and columns that programs write, and films matched by name."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from xray.errors import UnusableData
from xray.io.box_lists import boxes_of
from xray.io.label_lists import read_film_list
from xray.io.label_matching import match_labels
from xray.io.matching import ambiguous, match

LIST = "path,labels\nmüller.png,Pneumonia\nb.png,No Finding\n"
TRUE = {"müller.png": {"pneumonia"}, "b.png": {"no finding"}}


def labels_in(text: str | bytes) -> dict[str, set[str] | None]:
    data = text.encode() if isinstance(text, str) else text
    films = read_film_list("labels.csv", data).films
    return {path: None if film is None else set(film.labels) for path, film in films.items()}


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_recognized(encoding, delimiter, end):
    assert labels_in(LIST.replace(",", delimiter).replace("\n", end).encode(encoding)) == TRUE


@pytest.mark.parametrize(
    "text",
    [
        LIST.replace("\n", "\n\n"),
        "\n" + LIST.replace("b.png", "\0b.png") + "\0\0",
        LIST.replace("b.png", "\u200bb.png\ufeff"),
        "sep=;\n" + LIST.replace(",", ";"),
        "# exported 2024, by a program\n#\n\n" + LIST,
        "// exported\n" + LIST.replace(",", ";"),
        "#exported by a program\n" + LIST,
        "#" + LIST,
        LIST.replace("müller", '"müller'),
        LIST.replace("Pneumonia", 'Pneumonia"'),
        LIST.replace("müller", '"müller').replace("No Finding", 'No Finding"'),
        LIST.replace("\n", ",,\n"),
    ],
)
def test_blank_lines_nul_stray_quotes_and_trailing_delimiters_do_not_change_a_list(text):
    assert labels_in(text) == TRUE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path,labels\na.png,Pneumonia, Effusion\n", {"a.png": {"pneumonia", "effusion"}}),
        ('path,labels,sex\na.png,"Pneumonia, Effusion",M\n', {"a.png": {"pneumonia", "effusion"}}),
        ("ImageID,Labels\na.png,\"['pneumonia', 'effusion']\"\n", {"a.png": {"pneumonia", "effusion"}}),
        ("path,labels\na.png\nb.png,\nc.png,Mass\n", {"a.png": None, "b.png": None, "c.png": {"mass"}}),
        (
            "Image Index,Finding Labels,Patient ID\na.png,Mass|Pleural_Thickening,7\n",
            {"a.png": {"mass", "pleural thickening"}},
        ),
        (
            "patientId,x,y,width,height,Target\na,1,2,3,4,1\na,5,6,7,8,1\nb,,,,,0\n",
            {"a": {"pneumonia"}, "b": set()},
        ),
        ("Path,Sex,Mass,Edema\nc/a.jpg,M,1.0,0\nb.jpg,F,,-1\n", {"c/a.jpg": {"mass"}, "b.jpg": None}),
        ("path,Mass,Edema\na,Y,N\nb,N,N\n", {"a": {"mass"}, "b": set()}),
        ("path;Mass;Edema\na;positive;absent\nb;neg;present\n", {"a": {"mass"}, "b": {"edema"}}),
        ("path;Mass\na;1,0\nb;0,0\n", {"a": {"mass"}, "b": set()}),
        ("path,labels\nset\\a.png,Mass\n", {"set/a.png": {"mass"}}),
        ("path,labels\na.png,Mass\na.png,Edema\n", {"a.png": {"mass", "edema"}}),
        ("path,labels\na.png,Mass\na.png,Normal\n", {"a.png": None}),
    ],
)
def test_columns_and_values_of_known_lists(text, expected):
    assert labels_in(text) == expected


def test_columns_of_0_and_1_cover_only_what_they_name():
    films = read_film_list("labels.csv", b"path,Mass,Edema\na.png,1,\nb.png,0,0\n").films
    assert films["a.png"].known == {"mass"}
    assert films["b.png"].known == {"mass", "edema"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"path,labels\n", "lists no films"),
        (b"path,remark\na.png,words\n", "lacks a column path or labels"),
        (b"PK\x03\x04rest", "is a spreadsheet"),
        (b"path,labels,sex\na.png,Mass,M\nb.png,Mass,M,7\n", "Line 3 of labels.csv has more values"),
    ],
)
def test_a_list_that_cannot_be_used_is_reported(data, message):
    with pytest.raises(UnusableData, match=message):
        read_film_list("labels.csv", data)


@pytest.mark.parametrize(
    ("written", "film"),
    [
        ("set/a.png", "set/a.png"),
        ("a.png", "set/a.png"),
        ("other/place/a.png", "set/a.png"),
        ("C:\\data\\set\\a.png", "set/a.png"),
        ("A.PNG", "set/a.png"),
        ("a", "set/a.png"),
        ("a.dcm", "set/a.png"),
        ("1.2.840.3", "1.2.840.3.dcm"),
        ("a.png", "set/a.png.dcm"),
        ("set/a.PNG.dcm", "a.png"),
        ("a", "a.dcm.png"),
        ("a.left", "a.left.png"),
        (unicodedata.normalize("NFD", "müller.png"), unicodedata.normalize("NFC", "müller.png")),
    ],
)
def test_a_path_matches_a_film_by_path_name_or_stem(written, film):
    assert match([written], ["b.png", film]) == {written: film}


def test_names_that_differ_before_the_suffixes_of_images_do_not_match():
    assert match(["a.left.png", "a.png.1"], ["a.right.png", "a.png.2"]) == {}


def test_names_that_occur_several_times_are_matched_by_folder_or_not_at_all():
    films = ["p1/view.png", "p2/view.png"]
    assert match(["x/p2/view.png", "x/p1/view.png"], films) == {
        "x/p2/view.png": "p2/view.png",
        "x/p1/view.png": "p1/view.png",
    }
    assert match(["view.png"], films) == {}
    assert match(["p1/view.png", "p3/view.png"], films) == {"p1/view.png": "p1/view.png"}
    assert match(["a.png", "A.png"], ["a.png", "A.png"]) == {"a.png": "a.png", "A.png": "A.png"}


def test_a_name_that_several_films_share_is_ambiguous():
    """Two of three films have the name; the stem occurs in all three, in two formats."""
    films = ["p1/view.png", "p2/view.png", "p3/view.jpg", "p3/other.png"]
    assert ambiguous(["view.png", "VIEW.png", "view"], films) == {
        "view.png": films[:2],
        "VIEW.png": films[:2],
        "view": films[:3],
    }
    assert ambiguous(["p1/view.png", "other.png", "lost.png"], films) == {}


def test_ambiguous_rows_are_counted_with_the_path_to_write():
    films = ["p1/view.png", "p2/view.png", "other.png"]
    listed = read_film_list("labels.csv", b"path,labels\nview.png,Mass\nother.png,Mass\nlost.png,Mass\n")
    labels, message = match_labels([listed], films)
    assert labels.keys() == {"other.png"}
    assert message == (
        "labels.csv: 1 of 3 listed films is not found, such as lost.png; 1 of 3 listed films is not "
        "assigned, because several films have the same name, such as view.png (2 films; write p1/view.png, "
        "for example)."
    )
    with pytest.raises(UnusableData, match=r"one film only: view[.]png is the name of 2 films[.]") as raised:
        match_labels([listed], films[:2])
    assert raised.value.hint == "Write the path of each film, such as p1/view.png."


def test_films_without_their_folders_are_not_given_the_labels_of_another_film_of_the_same_name():
    listed = read_film_list("labels.csv", b"path,labels\na/film.png,Mass\nb/film.png,Edema\nc.png,Mass\n")
    one = "only one of several films of the same name is open, such as film.png (a/film.png or b/film.png"
    two = "several films have the same name, such as a/film.png (2 films"
    advice = "open a folder or a ZIP archive, which keep the paths"
    for films, reason in ((["film.png", "c.png"], one), (["film.png", "film.png", "c.png"], two)):
        labels, message = match_labels([listed], films)
        assert labels.keys() == {"c.png"}
        assert message == f"labels.csv: 2 of 3 listed films are not assigned, because {reason}; {advice})."
        with pytest.raises(UnusableData, match=r"film\.png") as raised:
            match_labels([listed], films[:-1])
        assert raised.value.hint == f"O{advice[1:]}."
    by_name = read_film_list("labels.csv", b"path,labels\nfilm.png,Mass\nc.png,Mass\n")
    assert match_labels([by_name], ["film.png", "film.png", "c.png"])[0].keys() == {"c.png"}


def test_boxes_of_a_name_that_several_films_share_are_refused(tmp_path):
    (tmp_path / "boxes.csv").write_text("image,label,x,y,w,h,width,height\na.png,Mass,20,40,20,40,200,400\n")
    films = [tmp_path / folder / "a.png" for folder in ("one", "two")]
    with pytest.raises(UnusableData, match=r"a[.]png is the name of 2 films"):
        boxes_of(tmp_path / "boxes.csv", films)
    (tmp_path / "boxes.csv").write_text("image,label,x,y,w,h,width,height\n")
    with pytest.raises(UnusableData, match=r"No row of boxes[.]csv matches a film[.]"):
        boxes_of(tmp_path / "boxes.csv", films)


def test_rows_that_are_not_used_are_counted_in_one_message():
    text = b"path,labels\na.png,Mass\na.png,Normal\nlost.png,Mass\nb.png,\nc.png,Mass\nc.png,Mass\n,Mass\n"
    labels, message = match_labels([read_film_list("labels.csv", text)], ["a.png", "b.png", "c.png"])
    assert labels.keys() == {"c.png"}
    assert message == (
        "labels.csv: 1 of 4 listed films is not found, such as lost.png; 1 row does not name a film; "
        "2 films are listed several times; 1 film has contradictory labels; 1 film has no label."
    )
    with pytest.raises(UnusableData, match=r"No row of labels\.csv matches a film"):
        match_labels([read_film_list("labels.csv", text)], ["z.png"])


@pytest.mark.parametrize(
    "text",
    [
        "image,label,x,y,w,h,width,height\na.png,Mass,20,40,20,40,200,400\n",
        "Image Index,Finding Label,Bbox [x,y,w,h],,,\na.png,Mass,10,20,10,20,,,\n",
        "file;label;left;top;right;bottom\na.png;Mass;10,0;20;20;40\n",
        "image_id,class_name,x_min,y_min,x_max,y_max\na,Mass,10,20,20,40\n",
        "patientId,x,y,width,height,Target\na,10,20,10,20,1\nb,,,,,0\n",
    ],
)
def test_boxes_are_read_from_the_columns_of_known_lists(tmp_path, text):
    (tmp_path / "boxes.csv").write_text(text)
    film = tmp_path / "images" / "a.jpg"
    (box,) = boxes_of(tmp_path / "boxes.csv", [film, Path("b.jpg")])[film]
    assert np.allclose(box.on((200, 100)), (10, 20, 20, 40))
    assert box.shows("Pneumonia" if "Target" in text else "Mass")
    assert not box.shows("Effusion")


@pytest.mark.parametrize("column", ["id", "img", "Image File", "dicom"])
def test_films_may_be_named_by_other_usual_columns(column: str) -> None:
    listed = read_film_list("labels.csv", f"{column},label\nx,Effusion\n".encode())
    assert list(match(listed.films, ["a/x.png"])) == ["x"]


@pytest.mark.parametrize("label", ["null", "#N/A", "<NA>", "-"])
def test_other_signs_for_a_missing_label_mean_unknown(label: str) -> None:
    listed = read_film_list("labels.csv", f"path,label\na.png,{label}\nb.png,Effusion\n".encode())
    assert listed.films["a.png"] is None
    assert listed.notes == ("1 film has no label",)
