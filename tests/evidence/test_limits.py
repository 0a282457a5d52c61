"""Limits of checks: how they are computed, written and read, and what they let pass."""

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import mannwhitneyu
from torch import Tensor, nn

from tests.conftest import weights_in
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
from xray.train.check_rates import auroc, rates, rule_from, share
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


def row(number: int) -> dict:
    """A film: true maps have 1000 and more, kind k has k + film, but one other map hits the lesion.

    The effect of meaningless maps is ten times their difference; every third lesion is a disc.
    """
    rest = {"insertion": 0, "road": 0, "agreement": 0}
    values = {
        kind: rest
        | {"hit": False, "near": False, "deletion": k + number}
        | {"difference": k + number, "effect": 10 * (k + number)}
        for k, kind in enumerate(KINDS)
    }
    values["other film"]["near"] = number == 7
    true = rest | {"hit": True, "near": True}
    true |= dict.fromkeys(("deletion", "difference", "effect"), 1000 + number)
    return {
        "lesion": "mass" if number % 3 else "disc",
        "maps": values | {"lesion": true, "map": true},
        "methods": {
            "gradcam": {"hit": True, "randomization": 0.2, "randomization, randomized network": 0.9},
            "layercam": {
                "hit": number < 50,
                "randomization": 0.1 if number < 50 else 0.8,
                "randomization, randomized network": 0.9,
            },
        },
        "random maps": {"stability": [number / 100]},
        "shortcut": number / 10,
    }


ROWS = [row(number) for number in range(101)]


def test_at_most_5_percent_of_each_kind_pass_the_limit():
    limits = limits_from(ROWS)
    assert limits["*"]["deletion"]["limit"] == pytest.approx(len(KINDS) - 1 + 96)
    assert limits["*"]["stability"] == {"limit": 0.96, "median": 0.5}
    assert limits["*"]["shortcut"] == {"limit": 9.6}
    assert limits["gradcam"]["randomization"]["limit"] == pytest.approx((1 + 0.2) / 2)
    assert limits["layercam"]["randomization"]["limit"] == pytest.approx((1 + 0.1) / 2), "of maps that hit"
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


def test_a_map_of_another_film_that_points_at_the_lesion_is_left_out():
    values = by_kind(ROWS, "deletion")
    assert len(values["other film"]) == 100
    assert len(values[TRUE]) == 202


def test_the_rule_separates_and_states_its_rates():
    rule = rule_from(ROWS, limits_from(ROWS))
    assert rule["supported"] == pytest.approx(len(KINDS) - 1 + 96)
    assert rule["effect"] == pytest.approx(10 * (len(KINDS) - 1 + 96))
    assert rule["not supported"] == rule["supported"], "true maps are all above"
    objected = sum(one["shortcut"] > 9.6 for one in ROWS)
    assert (rule["auroc"], rule["true_supported"]) == (1, pytest.approx(1 - objected / 202, abs=1e-4))
    assert rule["meaningless_supported"] == pytest.approx(5 / 101, abs=1e-4)


def test_rates_on_other_films_count_what_passes():
    limits = limits_from(ROWS)
    found = rates(ROWS, {"limits": limits, "verdict": rule_from(ROWS, limits)})
    assert found["films"] == 101
    assert found["verdict"]["auroc"] == 1
    assert found["verdict"]["meaningless"]["moved"]["value"] == pytest.approx(5 / 101, abs=1e-4)
    assert found["verdict"]["meaningless"]["edges"]["value"] == pytest.approx(1 / 101, abs=1e-4)
    objected = sum(one["shortcut"] > 9.6 for one in ROWS)
    true = found["verdict"][TRUE]
    assert (true["value"], true["n"]) == (pytest.approx(1 - objected / 202, abs=1e-4), 202)
    independent = share([number >= objected for number in range(202)])
    assert true["high"] - true["low"] > 1.2 * (independent["high"] - independent["low"])
    assert found["verdict"]["true, not supported"]["value"] == pytest.approx(objected / 202, abs=1e-4)
    lesions = found["verdict"]["true, by lesion"]
    assert {kind: rate["n"] for kind, rate in lesions.items()} == {"disc": 2 * 34, "mass": 2 * 67}
    assert found["randomization"]["gradcam"]["another randomized network"]["value"] == 0
    assert found["shortcut"]["none found"]["value"] == pytest.approx(97 / 101, abs=1e-4)


def test_the_auroc_is_that_of_scipy_with_ties():
    generator = np.random.default_rng(0)
    true, other = generator.integers(0, 9, 40).tolist(), generator.integers(0, 7, 30).tolist()
    assert auroc(true, other) == pytest.approx(mannwhitneyu(true, other).statistic / (40 * 30))


def test_a_share_has_the_interval_of_wilson():
    """Of 10 by hand: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    z, p, n = 1.959964, 0.1, 10
    middle, half = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    found = share([True, *[False] * 9])
    expected = {"low": (middle - half) / (1 + z**2 / n), "high": (middle + half) / (1 + z**2 / n)}
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=1e-4)
    assert (found["value"], found["n"]) == (0.1, 10)


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
    near = [made.is_near(beside, (cells, cells)) for cells in (7, 32)]
    assert (made.is_hit(beside), near) == (False, [True, False]), "a cell of 7 is 9 pixels, one of 32 is 2"
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
