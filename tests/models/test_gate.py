"""The input gate: results of the network and the feature bank, the command, and real films."""

import hashlib
import json
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import tomlkit
import torch
from PIL import Image
from typer.testing import CliRunner

from tests.conftest import gradient_film
from xray.cli import app
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.models.architectures import build
from xray.models.gate import GATE, REFUSALS, check_input
from xray.models.registry import entries, entry
from xray.models.weights import encode_weights
from xray.settings import settings
from xray.train.data import read_dataset
from xray.train.recipes import recipe
from xray.train.renderings import renderings
from xray.types import GateKind, Radiograph

FINDINGS = (
    *("hand", "upper limb", "lower limb", "hip and pelvis", "shoulder", "chest", "head CT slice"),
    *("not an X-ray", "sideways", "upside down", "inverted"),
)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).random((height, width)).astype(np.float32)


def test_a_refusal_names_the_reason_and_what_to_do():
    small = check_input(Radiograph(noise(40, 50), "small.png"), entry())
    assert (small.accepted, small.kind) == (False, "too small")
    assert small.reason == "This film is only 50 x 40 px."
    assert small.hint.startswith("Use a film with at least 48 px")
    assert str(small) == f"{small.reason} {small.hint}"
    assert all(text.endswith(".") for refusal in REFUSALS.values() for text in refusal)
    assert {*REFUSALS, "accepted"} == set(get_args(GateKind))


def test_a_scan_of_another_modality_is_refused_by_its_header():
    film = next(sample for sample in simulated_samples()).build().radiograph
    assert check_input(film, entry()).accepted
    scan = check_input(replace(film, modality="CT"), entry())
    assert (scan.accepted, scan.kind) == (False, "another modality")
    assert scan.reason == "The header names the modality CT, so this is not a radiograph."


def test_without_the_network_only_pixel_rules_apply_and_the_result_states_it(weights_folder):
    (weights_folder / "registry.toml").write_text(
        '[[model]]\nid = "one"\ntitle = "One"\ntask = "t"\nfindings = ["A"]\nactivation = "sigmoid"\n'
        'thresholds = [0.5]\ntrained_on = "nothing"\nlicence = "none"\n'
    )
    result = check_input(gradient_film(), entry())
    assert (result.accepted, result.kind) == (True, "accepted")
    assert result.reason.startswith("Only size, contrast, color and frame were checked.")
    assert GATE in result.reason
    assert check_input(Radiograph(noise(40, 40), "small.png"), entry()).kind == "too small"
    ink = Radiograph((noise(200, 200) < 0.3).astype(np.float32), "ink.png")
    assert check_input(ink, entry()).kind == "not an X-ray"
    assert check_input(replace(ink, simulated=True), entry()).kind == "accepted"


@pytest.fixture
def registered_gate(weights_folder):
    """Registers a gate whose network gives every film the same logits; its calibration doubles them."""

    def register(**given):
        network = build("mobilenet_v2", len(FINDINGS))
        logits = [given.get(name.replace(" ", "_"), -1.0) for name in FINDINGS]
        network.classifier[-1].weight.data.zero_()
        network.classifier[-1].bias.data = torch.tensor(logits)
        content = encode_weights(network)
        (weights_folder / "gate.safetensors").write_bytes(content)
        facts = {"task": "t", "trained_on": "nothing", "licence": "none"}
        doubled = {"scale": [2.0] * len(FINDINGS), "shift": [0.0] * len(FINDINGS)}
        gate = (
            facts
            | doubled
            | {
                "id": GATE,
                "title": "Gate",
                "architecture": "mobilenet_v2",
                "weights": "gate.safetensors",
                "sha256": hashlib.sha256(content).hexdigest(),
                "findings": FINDINGS,
                "activation": "sigmoid",
                "thresholds": [0.8] * len(FINDINGS),
                "input_size": 64,
            }
        )
        model = facts | {
            "id": "limbs",
            "title": "Limbs",
            "findings": ["A"],
            "activation": "sigmoid",
            "thresholds": [0.5],
            "regions": ["chest", "shoulder"],
        }
        (weights_folder / "registry.toml").write_text(tomlkit.dumps({"model": [model, gate]}))

    return register


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ({"chest": 1.0}, "accepted"),
        ({"hand": 0.6, "chest": -3.0, "shoulder": -3.0}, "accepted"),  # sigmoid(2 * 0.6) = 0.77 is below 0.8
        ({"upper_limb": 1.2, "chest": -3.0, "shoulder": -3.0}, "another region"),  # sigmoid(2 * 1.2) = 0.92
        ({"chest": 1.0, "sideways": 0.75}, "sideways"),  # sigmoid(0.75) = 0.68, sigmoid(1.5) = 0.82
    ],
)
def test_the_calibrated_output_is_compared_with_operating_points(registered_gate, logits, expected):
    registered_gate(**logits)
    result = check_input(gradient_film(), entry())
    assert (result.kind, result.accepted) == (expected, expected == "accepted")
    assert result.reason.startswith("Familiarity was not checked.") == result.accepted
    if expected == "another region":
        assert str(result) == (
            "This looks like an upper limb; Limbs was trained on chest or shoulder films. "
            "Choose a model for this region."
        )


def test_a_simulated_hand_is_refused_by_a_chest_model(registered_gate):
    registered_gate(hand=2.0, chest=-3.0, shoulder=-3.0)
    assert check_input(gradient_film(), entry()).kind == "another region"
    assert check_input(replace(gradient_film(), simulated=True), entry()).kind == "another region"


def test_the_command_checks_every_file_of_a_folder_and_prints_only_json(tmp_path):
    picture = Image.fromarray((255 * noise(40, 60)).astype(np.uint8))
    (tmp_path / "deep" / "er").mkdir(parents=True)
    picture.save(tmp_path / "deep" / "er" / "small.png")
    Image.fromarray(np.uint8([[0] * 90] * 80 + [[9] * 90])).save(tmp_path / "dark.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "deep" / "er" / "small.png").read_bytes()[:200])
    (tmp_path / "labels.csv").write_text("path,labels\n")
    result = CliRunner().invoke(app, ["gate", str(tmp_path), "--json"])
    assert result.exit_code == 0
    rows = {row["file"]: row for row in json.loads(result.stdout)}
    assert {name: row["kind"] for name, row in rows.items()} == {
        "broken.png": "unreadable",
        "dark.png": "low contrast",
        "deep/er/small.png": "too small",
    }
    assert all(
        row.keys() == {"file", "accepted", "reason", "kind", "familiarity", "compared"}
        for row in rows.values()
    )
    assert [row["accepted"] for row in rows.values()] == [False] * 3
    assert rows["broken.png"]["reason"].startswith("broken.png is a PNG file that is cut short or damaged.")
    assert rows["deep/er/small.png"]["reason"].startswith("This film is only 60 x 40 px. Use a film")


def test_a_folder_without_films_is_a_message(tmp_path):
    (tmp_path / "Thumbs.db").write_bytes(b"thumbnails")
    result = CliRunner().invoke(app, ["gate", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "contains no films" in result.stderr


def test_the_terminal_refuses_an_unknown_model(tmp_path):
    result = CliRunner().invoke(app, ["gate", str(tmp_path), "--model", "oracle", "--json"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no model 'oracle'." in result.stderr


@pytest.fixture
def kinds_of():
    """Kinds of films for the default model, a model of chest films, by the gate's own network."""
    if GATE not in {one.id for one in entries()}:
        pytest.skip(f"{GATE} is not registered")
    return lambda films: [check_input(film, entry()).kind for film in films]


@pytest.fixture
def chests(real_films) -> list[Radiograph]:
    return [read_radiograph(path.read_bytes(), path.name) for path in real_films]


def test_real_chest_films_are_accepted(kinds_of, chests):
    assert kinds_of(chests).count("accepted") >= 9


def test_real_hands_are_refused_by_name_and_with_the_way_out(kinds_of):
    folder = settings().training_data / "data" / "region"
    if not folder.is_dir():
        pytest.skip("the films of regions are not at hand (XRAY_TRAINING_DATA)")
    films = [film for film in read_dataset(folder, recipe(GATE).test_share) if film.split == "test"]
    hands = [film.read() for film in films if "hand" in film.labels][:10]
    assert kinds_of(hands).count("another region") >= 9
    messages = [str(check_input(film, entry())) for film in hands]
    assert (
        f"This looks like a hand; {entry().title} was trained on chest films. Choose a model for this region."
    ) in messages


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda film: np.rot90(film), "sideways"),
        (lambda film: np.rot90(film, 3), "sideways"),
        (lambda film: np.rot90(film, 2), "upside down"),
        (lambda film: 1 - film, "inverted"),
        (lambda film: 0.4 + 0.02 * film, "low contrast"),
    ],
)
def test_spoiled_chest_films_are_refused(kinds_of, chests, change, expected):
    spoiled = [replace(film, pixels=np.ascontiguousarray(change(film.pixels))) for film in chests]
    assert kinds_of(spoiled).count(expected) >= 8


def test_pages_are_refused_and_simulated_chests_are_not(kinds_of):
    assert set(kinds_of(renderings("document", 5, seed=1))) == {"not an X-ray"}
    simulated = [sample.build().radiograph for sample in simulated_samples() if sample.kind == "chest"]
    assert set(kinds_of(simulated)) == {"accepted"}
