"""The terminal: one line or one Case per film, a sentence per bad file, files named after the film."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from xray.cli import app
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.io.encode import case_facts, case_json
from xray.models.detector import chosen
from xray.pipeline import Request, analyze
from xray.render.boxes import draw_boxes
from xray.render.overlay import Drawing, draw
from xray.settings import ROOT


def run(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A 16-bit chest, an 8-bit forearm and a file that is no film."""
    folder = tmp_path_factory.mktemp("films")
    chest, _, _, forearm, _ = (sample.build().radiograph.pixels for sample in simulated_samples())
    Image.fromarray(np.rint(chest * 65535).astype(np.uint16)).save(folder / "chest.png")
    Image.fromarray(np.rint(forearm * 255).astype(np.uint8)).save(folder / "forearm.jpg")
    (folder / "broken.png").write_bytes((folder / "chest.png").read_bytes()[:2000])
    return folder


@pytest.mark.parametrize(
    ("name", "model", "screen"),
    [
        ("chest.png", "pneumonia-mobilenet", "analyze"),
        ("forearm.jpg", "pneumonia-mobilenet", "analyze"),
        pytest.param("forearm.jpg", "fracture-yolov8n", "fractures", marks=pytest.mark.slow),
    ],
)
def test_page_terminal_and_pipeline_give_the_same_case(folder, name, model, screen):
    data = (folder / name).read_bytes()
    from_pipeline = analyze(read_radiograph(data, name), Request(model, anyway=True))
    (from_terminal,) = json.loads(
        run("analyze", folder / name, "--model", model, "--json", "--anyway").stdout
    )
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    page.switch_page(f"pages/{screen}.py").run()
    page.file_uploader[0].upload(name, data)
    page.run()
    for button in page.button:
        if button.label == "Analyze anyway":
            button.click().run()
    (from_page,) = page.session_state["session"].cases.values()
    assert from_terminal.pop("path") == str(folder / name)
    assert from_terminal == json.loads(case_json(from_pipeline))
    assert case_json(from_page) == case_json(from_pipeline)


def test_a_case_says_what_was_measured_in_one_order(folder):
    (facts,) = json.loads(run("analyze", folder / "chest.png", "--json").stdout)
    assert facts["file"] == "chest.png"
    assert facts["model_id"] == "pneumonia-mobilenet"
    assert facts["findings"] == ["Normal", "Pneumonia"]
    assert facts["bit_depth"] == 16
    assert sum(facts["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert len(facts["logits"]) == len(facts["thresholds"]) == 2
    assert [one["finding"] for one in facts["explanations"]] == facts["findings"]
    assert facts["notes"] == list(read_radiograph((folder / "chest.png").read_bytes(), "chest.png").notes)


def test_numbers_in_a_case_are_exact(folder):
    case = analyze(read_radiograph((folder / "chest.png").read_bytes(), "chest.png"))
    facts = json.loads(case_json(case))
    for name in ("logits", "probabilities", "thresholds"):
        assert np.array_equal(np.array(facts[name], np.float32), getattr(case.prediction, name))
    for one, other in zip(facts["explanations"], case.explanations, strict=True):
        assert np.array_equal(np.array(one["raw_map"], np.float32), other.raw_map)


def test_a_bad_file_gets_a_sentence_and_the_good_ones_go_on(folder, tmp_path):
    files = [folder / name for name in ("chest.png", "broken.png", "nowhere.png", "forearm.jpg")]
    result = run("analyze", *files, "--anyway", "--out", tmp_path)
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["chest.png", "forearm.jpg"]
    assert "broken.png is a PNG file that is cut short or damaged." in result.stderr
    assert "nowhere.png cannot be opened." in result.stderr
    assert "Traceback" not in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "chest-overlay.png",
        "chest.json",
        "forearm-overlay.png",
        "forearm.json",
    ]


def test_a_film_of_another_region_is_refused_unless_asked_for_and_marked_then(folder, tmp_path):
    refused = run("analyze", folder / "forearm.jpg")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("forearm.jpg: This looks like")
    assert refused.stderr.endswith("Choose a model for this region. To analyze it anyway, add --anyway.\n")
    anyway = run("analyze", folder / "forearm.jpg", "--anyway", "--out", tmp_path)
    assert anyway.exit_code == 0
    assert "although the input gate refused it" in anyway.stdout
    assert not json.loads((tmp_path / "forearm.json").read_text())["gate"]["accepted"]
    written = Image.open(tmp_path / "forearm-overlay.png").text
    assert "although the input gate refused it" in written["Description"]


def test_one_operating_point_for_all_findings(folder):
    (facts,) = json.loads(run("analyze", folder / "chest.png", "--threshold", "0.4", "--json").stdout)
    assert facts["thresholds"] == [0.4, 0.4]


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


def test_json_of_several_films_keeps_their_order_and_bad_ones_stay_out(folder):
    files = [folder / name for name in ("forearm.jpg", "broken.png", "chest.png")]
    result = run("analyze", *files, "--json", "--anyway")
    assert result.exit_code == 1
    assert [facts["file"] for facts in json.loads(result.stdout)] == ["forearm.jpg", "chest.png"]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--model", "oracle", "There is no model 'oracle'."),
        ("--model", "shortcut-letter", "shortcut-letter is made for lessons, not for analyzing films."),
        ("--finding", "Hernia", "does not report 'Hernia'"),
    ],
)
def test_what_does_not_exist_is_refused_before_any_film_is_read(folder, option, value, sentence):
    result = run("analyze", folder / "chest.png", option, value)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""


def test_no_progress_is_written_where_nobody_watches(folder):
    done = run("analyze", folder / "chest.png", folder / "forearm.jpg", "--json", "--anyway")
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)) == 2
    assert done.stderr == ""


def test_a_place_that_cannot_be_written_is_a_sentence_before_any_film_is_read(folder, tmp_path):
    (tmp_path / "taken").touch()
    result = run("analyze", folder / "chest.png", "--out", tmp_path / "taken")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path / 'taken'} cannot be written. Check the path and its permissions.\n"


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


def test_a_refusal_states_how_the_film_was_read(folder, tmp_path):
    tall = np.asarray(Image.open(folder / "chest.png"))[:, :40]
    Image.fromarray(np.rint(tall / 16).astype(np.uint16)).save(tmp_path / "tall.png")
    notes = read_radiograph((tmp_path / "tall.png").read_bytes(), "tall.png").notes
    assert notes
    refused = run("analyze", tmp_path / "tall.png")
    assert refused.stderr.endswith(f"add --anyway. How it was read: {' '.join(notes)}\n")


def test_a_folder_is_named_as_one(tmp_path):
    result = run("analyze", tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{tmp_path.name} is a folder. Name the files in it")


def test_evaluation_prints_every_figure_with_its_interval(tmp_path, folder):
    for kind in ("NORMAL", "PNEUMONIA"):
        (tmp_path / kind).mkdir()
        for number in range(3):
            film = np.asarray(Image.open(folder / "forearm.jpg"), np.uint8)[:: number + 1]
            Image.fromarray(film).save(tmp_path / kind / f"{number}.png")
    facts = json.loads(run("evaluate", "pneumonia-mobilenet", "--data", tmp_path, "--json").stdout)
    assert (facts["model"], facts["n"], facts["split"]) == ("pneumonia-mobilenet", 6, "all")
    assert list(facts["metrics"]) == ["auroc", "accuracy", "sensitivity", "specificity", "ece", "brier"]
    assert facts["metrics"]["auroc"]["value"] == 0.5  # the same films under both labels
    for figure in facts["metrics"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_evaluating_an_empty_folder_is_a_sentence(tmp_path):
    result = run("evaluate", "pneumonia-mobilenet", "--data", tmp_path)
    assert result.exit_code == 2
    assert "holds no labeled films" in result.stderr


def test_an_unknown_recipe_names_the_known_ones():
    result = run("train", "alchemy")
    assert result.exit_code == 2
    assert "pneumonia-mobilenet" in result.stderr
