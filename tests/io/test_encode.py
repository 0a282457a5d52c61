"""A Case as JSON has the content that the standard library writes, and takes little memory."""

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from tests.lungs import planted_lungs
from xray.imaging.phantom import chest_phantom
from xray.io.encode import case_facts, case_json
from xray.types import OUTSIDE, ZONES, Case, GateResult, Lungs

SIDE = 224


@pytest.fixture(scope="module")
def case() -> Case:
    from xray.pipeline import analyze

    analyzed = analyze(chest_phantom(0, size=(256, 240)).radiograph)
    generator = np.random.default_rng(0)
    maps = tuple(
        replace(explanation, raw_map=(1e-5 * generator.normal(size=(SIDE, SIDE))).astype(np.float32))
        for explanation in analyzed.explanations
    )
    return replace(analyzed, explanations=maps)


def test_the_text_has_the_values_and_the_key_order_of_the_standard_library(case: Case):
    expected = json.loads(json.dumps(case_facts(case)), object_pairs_hook=list)
    assert json.loads(case_json(case), object_pairs_hook=list) == expected


def test_float32_values_read_back_unchanged_and_with_the_shortest_digits(case: Case):
    read = json.loads(case_json(case))
    for explanation, facts in zip(case.explanations, read["explanations"], strict=True):
        assert np.array_equal(np.array(facts["raw_map"], np.float32), explanation.raw_map)
        assert facts["raw_map"] == explanation.raw_map.astype(str).astype(float).tolist()
    assert read["probabilities"] == [float(str(value)) for value in case.prediction.probabilities]


def test_the_lungs_are_written_with_the_shares_of_every_map(case: Case):
    read = json.loads(case_json(replace(case, lungs=planted_lungs((256, 240)))))["lungs"]
    assert read["problem"] == ""
    assert [len(outline[0]) for outline in read["outlines"]] == [2, 2]
    assert {one["finding"] for one in read["evidence"]} <= set(case.prediction.findings)
    for one in read["evidence"]:
        assert set(one["shares"]) == {*ZONES, OUTSIDE}
        assert sum(one["shares"].values()) == pytest.approx(1)
    unknown = Lungs.undetermined((256, 240), "No lung was found.")
    assert json.loads(case_json(replace(case, lungs=unknown)))["lungs"] == {
        "problem": "No lung was found.",
        "outlines": [],
        "evidence": [],
    }
    assert json.loads(case_json(replace(case, lungs=None)))["lungs"] is None


def test_the_familiarity_is_written_if_it_was_determined(case: Case):
    familiar = replace(case, gate=GateResult(True, "", "", "accepted", 0.25, "chest"))
    sentence = "Closer to the training films than 25% of new chest films."
    expected = {"region": "chest", "closer_than": 0.25, "sentence": sentence}
    assert case_facts(familiar)["familiarity"] == expected
    unknown = replace(case, gate=GateResult(True, "", "", "accepted"))
    assert case_facts(unknown)["familiarity"] is None


def test_the_memory_for_the_text_is_a_few_times_the_text(case: Case):
    text = case_json(case)
    tracemalloc.start()
    case_json(case)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * len(text)
