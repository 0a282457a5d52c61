"""A bundle reproduces its Case, and every kind of change to it is detected."""

import hashlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from tests.bundle.conftest import CASES, case_of, unpacked
from tests.report.by_hand import written
from xray.bundle import bundle, read_bundle, replay
from xray.bundle.replay import TOLERANCE, largest_difference
from xray.errors import UnusableBundle
from xray.io.encode import case_facts
from xray.models.ensemble import load_model
from xray.pipeline import Request, analyze
from xray.report.markdown import markdown


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


def test_a_scan_that_its_header_refused_is_refused_again():
    film = replace(case_of("no map").radiograph, modality="CT")
    case = analyze(film, Request("findings-cnn", None, anyway=True, intervals=False))
    assert case.gate.kind == "another modality"
    assert replay(read_bundle(bundle(case), "b.zip")).same


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
