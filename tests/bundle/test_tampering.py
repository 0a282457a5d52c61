"""Every kind of change to a bundle is detected."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from typer.testing import CliRunner

from xray.bundle import read_bundle, replay
from xray.bundle.replay import TOLERANCE
from xray.bundle.write import packed
from xray.cli import app
from xray.errors import UnusableBundle


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
