"""Files that the terminal writes: named after the film, and never over those of another."""

import io
import json

import numpy as np
from PIL import Image

from tests.cli.conftest import run
from xray.io import read_radiograph
from xray.io.encode import case_facts
from xray.models.detector import chosen
from xray.pipeline import Request, analyze
from xray.render.boxes import draw_boxes
from xray.render.overlay import Drawing, draw


def test_a_place_that_cannot_be_written_is_a_sentence_before_any_film_is_read(folder, tmp_path):
    (tmp_path / "taken").touch()
    result = run("analyze", folder / "chest.png", "--out", tmp_path / "taken")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path / 'taken'} cannot be written. Check the path and its permissions.\n"


def test_files_written_are_the_case_and_its_overlay_at_source_resolution(folder, tmp_path):
    assert run("analyze", folder / "chest.png", "--out", tmp_path, "--finding", "normal").exit_code == 0
    case = analyze(read_radiograph((folder / "chest.png").read_bytes(), "chest.png"))
    assert json.loads((tmp_path / "chest.json").read_text()) == case_facts(case)
    drawn = np.asarray(Image.open(io.BytesIO((tmp_path / "chest-overlay.png").read_bytes())))
    assert np.array_equal(drawn, draw(case, "Normal", Drawing()))


def test_boxes_are_counted_and_drawn_at_source_resolution(folder, tmp_path):
    film = folder / "forearm.jpg"
    done = run("analyze", film, "--model", "fracture-yolov8n", "--out", tmp_path)
    case = analyze(
        read_radiograph(film.read_bytes(), film.name), Request("fracture-yolov8n", intervals=False)
    )
    found = chosen(case.detections, case.detections.threshold)
    assert f"; {len(found)} box" in done.stdout
    drawn = np.asarray(Image.open(tmp_path / "forearm-boxes.png"))
    assert (drawn == draw_boxes(case.radiograph.pixels, found)).all()


def test_films_of_one_name_do_not_overwrite_each_other_and_long_names_are_cut(folder, tmp_path):
    forearm = (folder / "forearm.jpg").read_bytes()
    films = [tmp_path / name for name in ("x/a.jpg", "y/a.jpg", "a-2.jpg", "x" * 250 + ".jpg")]
    for path in films:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(forearm)
    assert run("analyze", *films, "--anyway", "--out", tmp_path / "out").exit_code == 0
    stems = {path.stem for path in (tmp_path / "out").glob("*.json")}
    assert stems == {"a", "a-2", "a-2-2", "x" * 180}
    assert len(list((tmp_path / "out").glob("*-overlay.png"))) == 4


def test_results_replace_those_of_the_same_film_and_model_and_nothing_else(folder, tmp_path):
    other = np.asarray(Image.open(folder / "forearm.jpg"))[:, ::-1]
    (tmp_path / "films").mkdir()
    Image.fromarray(other).save(tmp_path / "films" / "chest.png")
    out = tmp_path / "out"
    out.mkdir()
    (out / "forearm.json").write_text("notes of mine")
    films = (folder / "chest.png", tmp_path / "films" / "chest.png", folder / "forearm.jpg")
    for order in (films, films[::-1]):
        assert run("analyze", *order, "--anyway", "--out", out).exit_code == 0
    again = run("analyze", films[0], "--model", "findings-cnn", "--anyway", "--out", out)
    assert again.stdout.rstrip().endswith(f"Results: {out / 'chest-3.json'}")
    assert (out / "forearm.json").read_text() == "notes of mine"
    results = [path for path in out.glob("*.json") if path.name != "forearm.json"]
    written = {path.stem: json.loads(path.read_text()) for path in results}
    assert {stem: (facts["file"], facts["model_id"]) for stem, facts in written.items()} == {
        "chest": ("chest.png", "pneumonia-mobilenet"),
        "chest-2": ("chest.png", "pneumonia-mobilenet"),
        "chest-3": ("chest.png", "findings-cnn"),
        "forearm-2": ("forearm.jpg", "pneumonia-mobilenet"),
    }
    assert written["chest"]["pixels_sha256"] == written["chest-3"]["pixels_sha256"]


def test_films_of_one_name_are_told_apart_by_their_paths(folder, tmp_path):
    same = tmp_path / "chest.png"
    same.write_bytes((folder / "chest.png").read_bytes())
    lines = run("analyze", folder / "chest.png", same).stdout.splitlines()
    assert [line.split(": ")[0] for line in lines] == [str(folder / "chest.png"), str(same)]
    (facts,) = json.loads(run("analyze", same, "--json", "--out", tmp_path).stdout)
    assert (facts["path"], facts["results"]) == (str(same), str(tmp_path / "chest.json"))


def test_the_evidence_is_written_with_the_case(folder, tmp_path):
    options = ("--model", "findings-cnn", "--anyway", "--evidence", "--json", "--out", tmp_path)
    (printed,) = json.loads(run("analyze", folder / "chest.png", *options).stdout)
    written = json.loads((tmp_path / "chest.json").read_text())
    assert written["verdict"] == printed["verdict"]
    assert [check["name"] for check in written["checks"]] == [check["name"] for check in printed["checks"]]
