"""A bundle reproduces its Case, and every kind of change to it is detected."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.report.by_hand import written
from xray.bundle import bundle, read_bundle, replay
from xray.bundle.replay import TOLERANCE, largest_difference
from xray.bundle.write import packed
from xray.cli import app
from xray.errors import UnusableBundle
from xray.imaging.phantom import simulated_samples
from xray.io.encode import case_facts
from xray.models.ensemble import load_model
from xray.pipeline import Request, analyze
from xray.report.markdown import markdown
from xray.types import Case

CHEST, FOREARM = 0, 4
CASES = {
    "many findings": (CHEST, Request("findings-cnn")),
    "one threshold": (CHEST, Request("findings-cnn", threshold=0.4, intervals=False)),
    "one finding": (CHEST, Request("findings-cnn", "layercam", "Hernia")),
    "an ensemble": (CHEST, Request("pneumonia-ensemble")),
    "no map": (CHEST, Request("pneumonia-mobilenet", None)),
    "boxes": (FOREARM, Request("fracture-yolov8n")),
    "a refused film": (FOREARM, Request("pneumonia-mobilenet", anyway=True)),
    "many passes": (CHEST, Request("pneumonia-mobilenet", "ablationcam", "Normal")),
}


def case_of(kind: str) -> Case:
    number, request = CASES[kind]
    return analyze(simulated_samples()[number].build().radiograph, request)


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of("many findings")


@pytest.fixture(scope="module")
def files(case) -> dict[str, bytes]:
    return unpacked(bundle(case, written(case)))


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_hashes(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest whose hashes are right again, as a careful forger would leave them."""
    manifest = json.loads(files["manifest.json"])
    manifest["members"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "manifest.json"
    }
    return files | {"manifest.json": json.dumps(manifest).encode()}


def changed_case(files: dict[str, bytes], change: Callable[[dict], None]) -> dict[str, bytes]:
    facts = json.loads(files["case.json"])
    change(facts)
    return files | {"case.json": json.dumps(facts).encode()}


def array(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", CASES)
def test_a_bundle_gives_the_same_case_again(kind):
    case = case_of(kind)
    done = replay(read_bundle(bundle(case), "b.zip"))
    assert done.largest <= TOLERANCE
    assert done.same
    assert case_facts(done.case)["findings"] == case_facts(case)["findings"]
    assert done.case.prediction.thresholds.tolist() == case.prediction.thresholds.tolist()
    assert [one.method for one in done.case.explanations] == [one.method for one in case.explanations]
    assert len(done.case.explanations) == len(case.explanations)
    assert done.versions == {}


def test_it_holds_pixels_maps_and_report_exactly_with_a_hash_of_each(case, files):
    assert np.array_equal(np.load(io.BytesIO(files["pixels.npy"])), case.radiograph.pixels)
    for number, one in enumerate(case.explanations, 1):
        assert np.array_equal(np.load(io.BytesIO(files[f"maps/{number:03}.npy"])), one.raw_map)
    assert files["report.md"].decode() == markdown(case, written(case))
    manifest = json.loads(files["manifest.json"])
    hashes = {name: hashlib.sha256(one).hexdigest() for name, one in files.items() if name != "manifest.json"}
    assert manifest["members"] == hashes
    assert manifest["weights"] == {"findings-cnn": case.prediction.weights_sha256}
    assert set(manifest["versions"]) >= {"xray", "torch", "numpy", "python"}
    assert bundle(case, written(case)) == bundle(case, written(case))


def test_an_ensemble_names_the_weights_of_its_members():
    files = unpacked(bundle(case_of("an ensemble")))
    expected = {one: load_model(one).entry.sha256 for one in ("pneumonia-mobilenet", "pneumonia-vit")}
    assert json.loads(files["manifest.json"])["weights"].items() >= expected.items()


def test_without_pixels_a_replay_takes_the_film_and_no_other(case):
    given = read_bundle(bundle(case, pixels=False), "b.zip")
    assert given.pixels is None
    film = case.radiograph
    assert replay(given, replace(film, name="renamed.png")).same
    with pytest.raises(UnusableBundle, match="--film"):
        replay(given)
    other = replace(film, pixels=film.pixels[::-1].copy(), name="other.png")
    with pytest.raises(UnusableBundle, match=r"other[.]png is not the film"):
        replay(given, other)


TAMPERED: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "a changed number": (
        lambda files: changed_case(files, lambda facts: facts["logits"].__setitem__(0, 9.0)),
        "case.json in b.zip was altered",
    ),
    "a changed map": (
        lambda files: files | {"maps/003.npy": files["maps/004.npy"]},
        "maps/003.npy in b.zip was altered",
    ),
    "a changed report": (
        lambda files: files | {"report.md": b"All is well."},
        "report.md in b.zip was altered",
    ),
    "changed pixels": (
        lambda files: files | {"pixels.npy": files["pixels.npy"][:-4] + b"\0\0\x80\x3f"},
        "pixels.npy in b.zip was altered",
    ),
    "a missing map": (
        lambda files: {name: one for name, one in files.items() if name != "maps/002.npy"},
        "b.zip lacks maps/002.npy",
    ),
    "a missing manifest": (
        lambda files: {name: one for name, one in files.items() if name != "manifest.json"},
        "has no manifest.json",
    ),
    "a broken manifest": (
        lambda files: files | {"manifest.json": b"{"},
        "cannot be read by this version",
    ),
    "a stranger": (lambda files: files | {"virus.exe": b"MZ"}, "contains virus.exe"),
    "another film, hashes made right": (
        lambda files: with_hashes(files | {"pixels.npy": array(np.eye(64, dtype=np.float32))}),
        "The pixels in b.zip are not the film",
    ),
    "pixels out of range, hashes made right": (
        lambda files: with_hashes(files | {"pixels.npy": array(np.full((64, 64), 9, np.float32))}),
        "The film in b.zip cannot be read",
    ),
    "a pickle, hashes made right": (
        lambda files: with_hashes(files | {"maps/001.npy": array(np.array([[{"a": 1}]], dtype=object))}),
        "The Case in b.zip cannot be read",
    ),
    "no Case, hashes made right": (
        lambda files: with_hashes(files | {"case.json": b"[]"}),
        "The Case in b.zip cannot be read",
    ),
    "other weights": (
        lambda files: (
            files | {"manifest.json": files["manifest.json"].replace(*other_weights(files["manifest.json"]))}
        ),
        "other weights of findings-cnn",
    ),
    "a way out": (lambda files: files | {"../../etc/passwd": b"root"}, "outside itself"),
    "an absolute path": (lambda files: files | {"/etc/passwd": b"root"}, "outside itself"),
}


def other_weights(manifest: bytes) -> tuple[bytes, bytes]:
    (digest,) = json.loads(manifest)["weights"].values()
    return digest.encode(), b"0" * 64


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_tampered_bundle_is_told_in_a_sentence(kind, files):
    tamper, sentence = TAMPERED[kind]
    with pytest.raises(UnusableBundle, match=sentence) as told:
        replay(read_bundle(packed(tamper(dict(files))), "b.zip"))
    assert told.value.hint


FORGED: dict[str, tuple[Callable[[dict], None], str]] = {
    "a logit": (lambda facts: facts["logits"].__setitem__(0, facts["logits"][0] + 2e-5), "logits"),
    "a probability": (lambda facts: facts["probabilities"].__setitem__(3, 0.99), "probabilities"),
    "an answer": (lambda facts: facts.update(answers=["absent"] * len(facts["answers"])), "answers"),
    "a map": (lambda facts: facts["explanations"][2]["raw_map"][0].__setitem__(0, 1.0), "explanations"),
    "a box": (lambda facts: facts.update(boxes=[]), "boxes"),
    "the gate": (lambda facts: facts["gate"].update(reason="Fine."), "gate"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_result_with_the_right_hashes_is_found_by_computing_it_again(kind, files):
    change, where = FORGED[kind]
    done = replay(read_bundle(packed(with_hashes(changed_case(files, change))), "b.zip"))
    assert not done.same
    assert [name for name, value in done.differences.items() if value > TOLERANCE] == [where]


def test_a_forged_raw_map_is_found_and_measured(files):
    values = np.load(io.BytesIO(files["maps/001.npy"]))
    forged = with_hashes(files | {"maps/001.npy": array(values + np.float32(0.25))})
    done = replay(read_bundle(packed(forged), "b.zip"))
    assert done.differences["maps"] == pytest.approx(0.25, rel=1e-4)


@pytest.mark.parametrize(
    ("then", "now", "difference"),
    [
        (np.inf, np.inf, 0),
        ([1.0, -np.inf], [1.0, -np.inf], 0),
        (np.nan, np.nan, 0),
        (np.inf, -np.inf, np.inf),
        (np.inf, 1.0, np.inf),
        (np.nan, 1.0, np.inf),
        ({"a": [1.0, 2]}, {"a": [1.5, 2]}, 0.5),
        ({"a": 1}, {"b": 1}, np.inf),
        ("x", "y", np.inf),
        ([1], [1, 2], np.inf),
    ],
)
def test_equal_infinities_are_equal_and_other_values_differ_by_their_distance(then, now, difference):
    assert largest_difference(then, now) == difference


def test_two_files_of_one_name_and_other_files_are_refused(files):
    buffer = io.BytesIO(packed(files))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("case.json", b"{}")
    with pytest.raises(UnusableBundle, match="two files of one name"):
        read_bundle(buffer.getvalue(), "b.zip")
    for damaged in (packed(files)[:-30], packed(files)[:2000], b"PK\x05\x06" + bytes(18)):
        with pytest.raises(UnusableBundle, match=r"b\.zip (is a ZIP archive that is cut|contains no files)"):
            read_bundle(damaged, "b.zip")
    with pytest.raises(UnusableBundle, match=r"film[.]png is not a bundle"):
        read_bundle(b"\x89PNG", "film.png")


def test_the_terminal_prints_the_largest_difference_and_says_so_by_its_exit_code(files, tmp_path):
    forged = with_hashes(changed_case(files, FORGED["a probability"][0]))
    broken = files | {"report.md": b"All is well."}
    codes = {}
    for name, members in (("good", files), ("forged", forged), ("broken", broken)):
        (tmp_path / f"{name}.zip").write_bytes(packed(members))
        done = CliRunner().invoke(app, ["replay", str(tmp_path / f"{name}.zip")])
        codes[name] = done.exit_code
        assert "Traceback" not in done.output
        if name == "good":
            assert "Largest difference: 0 (the same)" in done.stdout
        if name == "broken":
            assert "report.md in broken.zip was altered" in done.stderr
    assert codes == {"good": 0, "forged": 1, "broken": 2}
    said = CliRunner().invoke(app, ["replay", str(tmp_path / "forged.zip"), "--json"])
    facts = json.loads(said.stdout)
    assert not facts["same"]
    assert facts["differences"]["probabilities"] > 0.1
