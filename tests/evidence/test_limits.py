"""Limits of checks: how they are computed, written and read, and what they let pass."""

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from tests.conftest import weights_in
from tests.evidence.known_rows import ROWS
from tests.evidence.planted import (
    FINDING,
    classifier_of,
    context_of,
    finder,
    judged,
    method_of,
    striped,
    verdicts,
)
from xray.errors import UnusableData
from xray.evidence import CHECKS
from xray.evidence.baseline_maps import noise
from xray.evidence.inserted_lesion import RISE, insert_lesion
from xray.evidence.limits import TRUE, by_kind, limits_file, limits_from, limits_of, lower, upper
from xray.evidence.meaningless import KINDS, meaningless_maps
from xray.explain import METHODS, explain
from xray.train.explanations import limits_on
from xray.train.film import Film
from xray.types import Explanation, Pixels, Radiograph


def by_chance(film: Pixels) -> Pixels:
    return noise(film.shape, zlib.crc32(film.tobytes()))


RANDOM = method_of("random", by_chance)


@pytest.mark.parametrize("name", ["deletion", "insertion", "road", "stability"])
@pytest.mark.slow
def test_random_maps_fail_and_those_of_a_network_that_has_learned_pass(name):
    learned = judged(METHODS["integrated-gradients"])
    assert verdicts(name, learned).count("passed") >= 10
    as_strict = [replace(one, limits=learned[0].limits) for one in judged(RANDOM)]
    assert verdicts(name, as_strict).count("failed") >= 10


def test_at_most_5_percent_of_each_kind_pass_the_limit():
    limits = limits_from(ROWS)
    assert limits["*"]["deletion"]["limit"] == pytest.approx(len(KINDS) - 1 + 96)
    assert limits["*"]["stability"] == {"limit": 0.96, "median": 0.5}
    assert limits["*"]["shortcut"] == {"limit": 9.6}
    assert limits["gradcam"]["randomization"]["limit"] == pytest.approx((1 + 0.2) / 2)
    assert limits["layercam"]["randomization"]["limit"] == pytest.approx((1 + 0.1) / 2), "of maps that hit"
    assert limits["eigencam"]["randomization"]["limit"] == pytest.approx((1 + 0.6) / 2), "5 hits are too few"
    small = [one | {"shortcut": 0.1} for one in ROWS]
    assert limits_from(small)["*"]["shortcut"] == {"limit": RISE}, "smaller changes do not count"
    for kind, values in by_kind(ROWS, "deletion").items():
        if kind != TRUE:
            assert np.mean(np.array(values) >= limits["*"]["deletion"]["limit"]) <= 0.05


@pytest.mark.parametrize("n", range(20, 102))
def test_the_limit_holds_for_these_values_and_for_one_more(n):
    """Of n + 1 exchangeable values, the last is equally likely at every rank: n + 1 cases, counted."""
    values = np.random.default_rng(n).permutation(n + 1).astype(float)
    limit = upper(values[:-1].tolist())
    assert np.mean(values[:-1] >= limit) <= 0.05
    beyond = [value >= upper(np.delete(values, index).tolist()) for index, value in enumerate(values)]
    assert np.mean(beyond) <= 0.05
    below = [value < lower(np.delete(values, index).tolist()) for index, value in enumerate(values)]
    assert np.mean(below) <= 0.05


def test_values_are_those_of_the_maps_of_every_film():
    values = by_kind(ROWS, "deletion")
    assert (len(values["other film"]), len(values["edges"]), len(values[TRUE])) == (100, 101, 201)


def test_meaningless_maps_do_not_depend_on_the_model():
    one, other = (context_of(finder(), striped(seed), METHODS["gradcam"], FINDING) for seed in (1, 3))
    made = meaningless_maps(one, finder(), other.candidate.map)
    assert tuple(made) == KINDS
    for candidate in made.values():
        assert CHECKS["randomization"].measure(one, candidate).value == pytest.approx(1)
    assert np.array_equal(made["mirrored"].map, one.candidate.map[:, ::-1])
    third = one.film.shape[0] // 3
    assert made["moved"].map[third, third] == one.candidate.map[0, 0]
    assert "other film" not in meaningless_maps(one, finder())


class Brightness(nn.Module):
    """Two logits, without and with an opacity: five hundred times the mean of the film."""

    def forward(self, films: Tensor) -> Tensor:
        mean = films.mean((1, 2, 3))
        return torch.stack([-500 * mean, 500 * mean], 1)


def bright(factor: int = 1):
    module = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False), Brightness())
    with torch.no_grad():
        module[0].weight.copy_(factor * torch.eye(3)[:, :, None, None])
    facts = {"findings": ("Normal", FINDING), "thresholds": (0.5, 0.5), "activation": "softmax"}
    return classifier_of(module, **facts)


def test_a_lesion_is_inserted_where_the_logit_rises_and_falls_back_without_it():
    film = Radiograph(np.full((64, 64), 0.4, np.float32), "gray.png")
    model = bright()
    made = insert_lesion(model, film, np.random.default_rng(0))
    before, after = (float(model.log_odds(model.logits(one))[0, 1]) for one in (film, made.radiograph))
    assert made.finding == FINDING
    assert made.rise == pytest.approx(after - before, rel=1e-4)
    assert made.rise >= RISE
    region = made.lesion.region
    assert made.is_hit(made.region((64, 64)))
    assert not made.is_hit(1 - made.region((64, 64)))
    beside = np.zeros((64, 64), np.float32)
    beside[np.nonzero(region)[0].min() - 6, np.nonzero(region)[1][0]] = 1
    near = [made.is_shown(beside, (cells, cells)) for cells in (7, 32)]
    assert (made.is_hit(beside), near) == (False, [True, False]), "a cell of 7 is 9 pixels, one of 32 is 2"
    inside, outside = np.flatnonzero(region), np.flatnonzero(~region)
    for share, shown in ((0.55, True), (0.45, False)):
        count = round(share * len(inside))
        quarter = np.zeros(64 * 64, np.float32)
        quarter[inside[:count]] = quarter[outside[: 64 * 64 // 4 - count]] = 1
        quarter[outside[0]] = 2  # the highest, in a corner
        assert made.is_shown(quarter.reshape(64, 64), (32, 32)) == shown
    assert (made.radiograph.pixels - film.pixels)[region].min() > 0
    assert insert_lesion(bright(0), film, np.random.default_rng(0)) is None


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Limits on three normal films, stored beside a network's weights as the command stores them."""
    films = []
    for seed in range(3):
        path = tmp_path / f"{seed}.png"
        Image.fromarray(np.rint(striped(seed).pixels * 150).astype(np.uint8)).save(path)
        films.append(Film(path, frozenset({"normal"}), str(seed), "validation"))
    kept = tmp_path / "rows.jsonl"
    with pytest.raises(UnusableData, match=r"responds to an inserted lesion on 3 films only") as refused:
        limits_on(bright(), films, ["gradcam", "layercam"], measured=kept)
    assert "Limits need 20 films or more" in refused.value.hint
    monkeypatch.setattr("xray.train.explanations.FEWEST", 3)
    with weights_in(tmp_path):
        found = limits_on(bright(), films, ["gradcam", "layercam"], measured=kept)
        assert kept.read_text().count("\n") == found["films"] == 3, "nothing is measured again"
        with pytest.raises(UnusableData, match="on 1 film only"):  # rows of other films do not count
            limits_on(bright(), films[:1], ["gradcam", "layercam"], measured=kept)
        limits_file("planted").write_text(json.dumps(found))
        yield found


def explained(method: str = "gradcam") -> Explanation:
    film = Radiograph(striped(0).pixels, "striped.png")
    return explain(bright(), film, METHODS[method], [FINDING])[1][0]


def test_limits_are_read_as_they_were_written(measured):
    limits = measured["limits"]
    assert limits.keys() == {"*", "gradcam", "layercam"}
    for method in ("gradcam", "layercam"):
        expected = {name: figure["limit"] for name, figure in (limits["*"] | limits[method]).items()}
        assert {name: limit.value for name, limit in limits_of(explained(method)).items()} == expected
        assert expected.keys() == {name for name, question in CHECKS.items() if question.limited}
    assert "randomization" not in limits_of(replace(explained(), method="eigencam"))
    for other in ({"model_id": "another"}, {"weights_sha256": "1" * 64}):
        assert limits_of(replace(explained(), **other)) == {}


@pytest.mark.parametrize("damage", ["", "[]", "{}", "null", '{"limits": '])
def test_a_damaged_file_of_limits_has_no_limits(tmp_path, damage):
    with weights_in(tmp_path):
        limits_file("planted").write_text(damage)
        assert limits_of(explained()) == {}


@pytest.mark.parametrize(
    "limits", [None, [], {"*": None}, {"gradcam": {}}, {"*": {"road": {"limit": "high"}}}]
)
def test_invalid_limits_are_not_used(tmp_path, limits):
    with weights_in(tmp_path):
        found = {"weights_sha256": explained().weights_sha256, "limits": limits}
        limits_file("planted").write_text(json.dumps(found))
        assert limits_of(explained()) == {}
