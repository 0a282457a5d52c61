"""The terminal: one line or one Case per film, and a sentence per bad file."""

import json

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.cli.conftest import run
from xray.io import read_radiograph
from xray.io.encode import case_json
from xray.pipeline import Request, analyze
from xray.settings import ROOT


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
