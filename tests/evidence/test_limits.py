"""Limits of checks: how they are computed, written and read, and what they let pass."""

import json
import math
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import weights_in
from tests.evidence.planted import (
    FINDING,
    context_of,
    finder,
    judged,
    method_of,
    striped,
    verdicts,
)
from xray.evidence import CHECKS, check
from xray.evidence.baseline_maps import noise
from xray.evidence.limits import limits_file, limits_from, limits_of, null_values
from xray.explain import METHODS
from xray.train.explanations import limits_on
from xray.train.film import Film
from xray.types import Pixels


def by_chance(film: Pixels) -> Pixels:
    return noise(film.shape, zlib.crc32(film.tobytes()))


RANDOM = method_of("random", by_chance)


@pytest.mark.parametrize("name", ["deletion", "insertion", "road", "stability"])
@pytest.mark.slow
def test_random_maps_fail_and_those_of_a_network_that_has_learned_pass(name):
    """A random map is to be passed once in twenty films by its own limit, which twelve films tell roughly."""
    random = judged(RANDOM)
    assert verdicts(name, random).count("failed") >= 8
    learned = judged(METHODS["integrated-gradients"])
    assert verdicts(name, learned).count("passed") >= 10
    as_strict = [replace(one, limits=learned[0].limits) for one in random]
    assert verdicts(name, as_strict).count("failed") >= 10


def test_a_limit_is_what_95_of_100_maps_stay_under():
    values = [float(one) for one in np.random.default_rng(0).permutation(101)]
    told = limits_from({"some": [*values, math.nan, math.inf], "none": [math.nan]})
    assert list(told) == ["some"]
    assert told == {"some": {"limit": 95.0, "median": 50.0, "n": 101}}


def test_a_null_value_uses_the_map_of_the_other_film():
    one, other = (context_of(finder(), striped(seed), METHODS["gradcam"], FINDING) for seed in (1, 3))
    found = null_values(one, other)
    assert found.keys() == {name for name, question in CHECKS.items() if question.null_value}
    swapped = check(replace(one, candidate=replace(other.candidate, remake=one.candidate.remake)), "deletion")
    assert found["deletion"] == pytest.approx(swapped.value - swapped.baseline)


@pytest.fixture
def measured(tmp_path):
    """Limits of two methods on three films, kept beside a network's weights as the terminal keeps them."""
    films = []
    for seed in range(3):
        path = tmp_path / f"{seed}.png"
        Image.fromarray(np.rint(striped(seed).pixels * 255).astype(np.uint8)).save(path)
        films.append(Film(path, frozenset(), str(seed), "validation"))
    with weights_in(tmp_path):
        told = limits_on(finder(), films, ["gradcam", "layercam"])
        limits_file("planted").write_text(json.dumps(told))
        yield told["limits"]


def test_limits_are_read_as_they_were_written(measured):
    entry = finder().entry
    assert measured.keys() == {"gradcam", "layercam"}
    for method, limits in measured.items():
        assert limits_of(entry, method) == {name: one["limit"] for name, one in limits.items()}
        assert limits.keys() == {name for name, question in CHECKS.items() if question.null_value}
        assert {one["n"] for one in limits.values()} == {2}, "the first film has none before it"
    assert limits_of(entry, "crystal ball") == {}
    for other in ({"id": "another"}, {"sha256": "0" * 64}):
        assert limits_of(entry.model_copy(update=other), "gradcam") == {}


@pytest.mark.parametrize("damage", ["", "[]", "{}", "null", '{"limits": '])
def test_a_damaged_file_of_limits_has_no_limits(measured, damage):
    limits_file("planted").write_text(damage)
    assert limits_of(finder().entry, "gradcam") == {}


@pytest.mark.parametrize("limits", [None, [], {"gradcam": None}, {"gradcam": {"road": {"limit": "high"}}}])
def test_invalid_limits_are_not_used(measured, limits):
    told = {"weights_sha256": finder().entry.sha256, "limits": limits}
    limits_file("planted").write_text(json.dumps(told))
    assert limits_of(finder().entry, "gradcam") == {}
