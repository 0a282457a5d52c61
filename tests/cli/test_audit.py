"""The terminal's audit: which films it takes, which it names and leaves out, what it prints."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.audit.planted import (
    LogOdds,
    Planted,
    difference,
    planted_entry,
    planted_film,
    planted_films,
    sound,
)
from xray.audit import CHECKS, audit
from xray.cli import app
from xray.io import read_radiograph
from xray.models.architectures import ARCHITECTURES
from xray.models.classifier import load_classifier
from xray.models.weights import encode_weights

Install = Callable[[str, LogOdds], str]


def run(*arguments: object):
    return CliRunner().invoke(app, ["audit", *(str(one) for one in arguments)])


@pytest.fixture
def install(weights_folder) -> Iterator[Install]:
    """Puts a planted model into a registry of its own."""
    stack = ExitStack()

    def add(model_id: str, log_odds: LogOdds) -> str:
        content = encode_weights(Planted(log_odds))
        (weights_folder / "planted.safetensors").write_bytes(content)
        facts = planted_entry(
            id=model_id,
            architecture=model_id,
            weights="planted.safetensors",
            sha256=hashlib.sha256(content).hexdigest(),
        ).model_dump(exclude_defaults=True)
        lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
        (weights_folder / "registry.toml").write_text("\n".join(["[[model]]", *lines]) + "\n")
        stack.enter_context(ARCHITECTURES.temporarily(model_id, lambda findings: Planted(log_odds)))
        return model_id

    with stack:
        yield add


def save(pixels: np.ndarray, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def by_class(tmp_path) -> Path:
    """normal/ and OPACITY/ with six films each."""
    for index, film in enumerate(planted_films()):
        save(film.pixels, tmp_path / "films" / ("normal" if index % 2 else "OPACITY") / f"{index}.png")
    return tmp_path / "films"


@pytest.fixture
def unlabeled(tmp_path) -> Path:
    for index, film in enumerate(planted_films()):
        save(film.pixels, tmp_path / "heap" / f"{index:02}.png")
    return tmp_path / "heap"


def mild(gray):
    return 1.5 + 0.7 * difference(gray)


def verdicts(result) -> dict[str, str]:
    return {one["name"]: one["verdict"] for one in json.loads(result.stdout)["checks"]}


def test_json_is_what_audit_says_of_the_films_with_their_labels(install, by_class):
    model = install("planted-sound", sound)
    result = run(model, by_class, "--json")
    assert result.exit_code == 0
    paths = sorted(by_class.glob("*/*.png"))
    films = [read_radiograph(path.read_bytes(), path.name) for path in paths]
    labels = [frozenset({"Normal" if path.parent.name == "normal" else "Opacity"}) for path in paths]
    said = audit(load_classifier(model), films, labels)
    assert json.loads(result.stdout) == {
        "model": model,
        "n": 12,
        "checks": [dataclasses.asdict(one) for one in said],
    }
    assert {one.verdict for one in said} == {"passed"}


def test_labels_of_the_folder_turn_doubt_about_a_bias_into_certainty(install, by_class, unlabeled):
    model = install("planted-mild", mild)
    assert verdicts(run(model, by_class, "--json"))["one-answer"] == "failed"
    assert verdicts(run(model, unlabeled, "--json"))["one-answer"] == "cannot be judged"


def test_folders_of_strange_names_are_no_labels(install, unlabeled):
    """Two films in a folder `2024` must not hide the twelve beside it."""
    save(planted_film(50, True).pixels, unlabeled / "2024" / "a.png")
    save(planted_film(51, False).pixels, unlabeled / "2024" / "b.png")
    report = json.loads(run(install("planted-strange", sound), unlabeled, "--json").stdout)
    assert report["n"] == 14


def test_labels_csv_is_read_and_its_test_films_are_taken(install, unlabeled):
    rows = [
        f"{path.name},{'Opacity' if index % 2 == 0 else 'Normal'},{'test' if index < 8 else 'train'}"
        for index, path in enumerate(sorted(unlabeled.glob("*.png")))
    ]
    (unlabeled / "labels.csv").write_text("\n".join(["path,labels,split", *rows]))
    result = run(install("planted-listed", mild), unlabeled, "--json")
    assert json.loads(result.stdout)["n"] == 8
    assert verdicts(result)["one-answer"] == "failed"


def test_a_limit_takes_films_evenly_to_the_last(install, unlabeled):
    (unlabeled / "99.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    result = run(install("planted-limit", sound), unlabeled, "--limit", 3, "--json")
    assert json.loads(result.stdout)["n"] == 2
    assert "99.png" in result.stderr


def test_one_line_per_check_opens_with_the_verdict(install, by_class):
    result = run(install("planted-lines", lambda gray: 50 * sound(gray)), by_class)
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert "n = 12" in head
    assert len(lines) == len(CHECKS)
    for line, check in zip(lines, CHECKS.values(), strict=True):
        assert line.startswith("failed" if check.name == "overconfident" else "passed")
        assert check.title in line


def test_files_that_cannot_be_read_are_named_and_left_out(install, by_class):
    (by_class / "normal" / "broken.png").write_bytes((by_class / "normal" / "1.png").read_bytes()[:200])
    (by_class / "normal" / "gone.png").symlink_to(by_class / "nowhere.png")
    result = run(install("planted-broken", sound), by_class, "--json")
    assert result.exit_code == 0
    assert "broken.png is a PNG file that is cut short or damaged." in result.stderr
    assert "gone.png cannot be opened." in result.stderr
    assert json.loads(result.stdout)["n"] == 12
    assert set(verdicts(result).values()) == {"passed"}


@pytest.mark.parametrize("content", [{}, {"broken.png": b"\x89PNG\r\n\x1a\n"}, {"notes.txt": b"no film"}])
def test_a_folder_without_a_readable_film_is_a_sentence(install, tmp_path, content):
    folder = tmp_path / "empty"
    folder.mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    result = run(install("planted-empty", sound), folder)
    assert result.exit_code == 2
    assert "empty contains no readable film." in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_folder_and_an_unknown_model_are_sentences(install, by_class):
    model = install("planted-missing", sound)
    missing = run(model, by_class / "nowhere")
    assert (missing.exit_code, "nowhere contains no readable film" in missing.stderr) == (2, True)
    unknown = run("nobody", by_class)
    assert (unknown.exit_code, "There is no model 'nobody'." in unknown.stderr) == (2, True)
