"""The verdict: its rule on planted checks, and known faults and a known lesion on the default model."""

import math
from dataclasses import replace

import numpy as np
import pytest

from xray.evidence import Candidate, CheckContext, check, check_context, checks, verdict_of
from xray.evidence.baseline_maps import edges
from xray.evidence.deletion_insertion import COPIES, value_of
from xray.evidence.inserted_lesion import insert_lesion
from xray.evidence.limits import limits_file, limits_of
from xray.evidence.meaningless import meaningless_maps, on_grid, picture
from xray.evidence.measurement import Randomized, measured
from xray.evidence.verdict import NOT_JUDGED, OBJECTIONS, VOTING, decided, support_of
from xray.evidence.weight_randomization import randomized
from xray.explain import METHODS, explain
from xray.imaging.phantom import chest_phantom
from xray.models.classifier import load_classifier
from xray.types import Check, MapVerdict

RULE = {
    **{"supported": 2.0, "not supported": 1.0, "effect": 3.0, "auroc": 0.99},
    **{"meaningless_supported": 0.03, "true_supported": 0.9},
}


def done(name: str, verdict: str = "passed", level: float = 0.0, copies: float = 0.0) -> Check:
    """A check whose curve has a logit of 1 at first and then this level (7/8 of the change count)."""
    curve = np.array([1.0, *[level] * 16], np.float32)
    curves = {"deletion": {"hidden": curve}, "insertion": {"shown": curve}}.get(name, {})
    value = value_of(curve, hiding=name == "deletion") if curves else 0.0
    return Check(name, value, math.nan, math.nan, verdict, "why.", 0.1, {COPIES: copies}, curves)


def by_effect(effect: float, *others: Check, copies: float = 0.0) -> list[Check]:
    """Deletion has the value 7/8, and Insertion the rest of the effect; each has half of the copies'."""
    return [
        done("deletion", copies=copies / 2),
        done("insertion", level=effect * 8 / 7, copies=copies / 2),
        *others,
    ]


@pytest.mark.parametrize(
    ("effect", "copies", "support", "conclusion"),
    [
        (2.01, 0.0, "supported", "more clearly than for 95% of maps without meaning"),
        (0.01, -2.0, "supported", "more clearly than for 95% of maps without meaning"),
        (-0.01, -3.0, "cannot tell", "regions are no evidence for the finding"),
        (1.99, 0.0, "cannot tell", "It is not clear whether the prediction depends"),
        (1.01, 0.0, "cannot tell", "It is not clear whether the prediction depends"),
        (2.99, 2.0, "not supported", "no more than for a map without meaning"),
        (3.01, 2.9, "cannot tell", "depends on other places as much"),
        (-3.0, 0.0, "not supported", "no more than for a map without meaning"),
    ],
)
def test_the_difference_from_the_copies_decides(effect, copies, support, conclusion):
    found = decided("Opacity", by_effect(effect, copies=copies), RULE)
    assert (found.support, found.score) == (support, pytest.approx(effect - copies, abs=1e-6))
    assert found.reason.endswith(
        f": effect on the log-odds {effect:z.1f}, of mirrored and turned copies of the map {copies:.1f}."
    )
    assert conclusion in found.reason
    assert found.rates == (
        "When this was measured, 3% of the worst kind of maps without meaning and 90% of true maps were "
        "called supported."
    )


@pytest.mark.parametrize("name", OBJECTIONS)
def test_a_failed_check_objects_and_a_passed_or_open_one_does_not(name):
    failed = decided("Opacity", by_effect(5, done(name, "failed")), RULE)
    assert (failed.support, failed.reason) == ("not supported", OBJECTIONS[name])
    for verdict in ("passed", "cannot be judged"):
        assert decided("Opacity", by_effect(5, done(name, verdict)), RULE).support == "supported"


def test_a_maximum_inside_the_region_does_not_object_though_a_gaussian_has_more_inside():
    beaten = replace(done("location", "failed"), details={"hit": 1.0})
    assert decided("Opacity", by_effect(5, beaten), RULE).support == "supported"
    missed = replace(beaten, details={"hit": 0.0})
    assert decided("Opacity", by_effect(5, missed), RULE).reason == OBJECTIONS["location"]


@pytest.mark.parametrize("name", ["road", "stability", "agreement"])
def test_other_checks_do_not_count(name):
    assert decided("Opacity", by_effect(5, done(name, "failed")), RULE).support == "supported"


def test_it_cannot_tell_without_limits_votes_place_or_response():
    flat = [done("deletion", level=1), done("insertion", level=1)]
    reasons = {
        decided("Opacity", by_effect(5), {}).reason: "No limits were measured",
        decided("Opacity", by_effect(5), RULE | {"auroc": 0.55}).reason: "do not tell true maps",
        decided("Opacity", by_effect(5)[:1], RULE).reason: "were not run",
        decided("No Finding", by_effect(5), RULE).reason: "no place can be right",
        decided("Opacity", flat, RULE).reason: "hardly change",
    }
    assert len(reasons) == 5
    for reason, expected in reasons.items():
        assert expected in reason
    assert decided("Opacity", [replace(each, curves={}) for each in flat], RULE).reason == "why."
    unknown = decided("Opacity", by_effect(5), {})
    assert (unknown.support, unknown.rates) == ("cannot tell", "")
    older = {key: value for key, value in RULE.items() if key != "effect"}
    assert decided("Opacity", by_effect(5), older).reason == unknown.reason
    assert decided("No Finding", by_effect(5), RULE).rates == ""


def test_a_limit_belongs_to_the_better_side():
    found = [support_of(*values, RULE)[0] for values in ((2.5, 2.0), (2.5, 1.0), (3.0, 0.9), (0.0, 2.0))]
    assert found == ["supported", "cannot tell", "cannot tell", "cannot tell"]


def test_checks_of_an_earlier_version_get_no_verdict():
    earlier = [replace(one, details={}) for one in by_effect(5)]
    found = decided("Opacity", earlier, RULE)
    assert (found.support, "earlier version" in found.reason) == ("cannot tell", True)


def test_the_verdict_compares_what_the_limits_were_measured_with(lesion):
    """Limits of the rows and the verdict on the page are about the same two values."""
    context, (explanation, inserted) = lesion
    model = context.film.model
    row, _ = measured(model, Randomized.of(model), inserted, [METHODS["gradcam"]])
    done = [check(context, name) for name in VOTING]
    assert row["maps"]["map"]["effect"] == pytest.approx(sum(one.value for one in done), abs=1e-3)
    assert row["maps"]["map"]["difference"] == pytest.approx(verdict_of(explanation, done).score, abs=1e-3)


def test_an_unknown_verdict_is_refused():
    with pytest.raises(ValueError, match="expected one of"):
        MapVerdict("perhaps", "why.")


@pytest.fixture(scope="module")
def lesion() -> tuple[CheckContext, object]:
    """A simulated normal chest with an inserted lesion, explained by the default model."""
    model = load_classifier("pneumonia-mobilenet")
    for seed in range(6):
        film = chest_phantom(seed, size=(224, 224)).radiograph
        inserted = insert_lesion(model, film, np.random.default_rng(seed), ("mass", "consolidation"))
        if inserted and inserted.rise > 3:
            break
    (explanation,) = explain(model, inserted.radiograph, METHODS["gradcam"], [inserted.finding])[1]
    limits = limits_of(explanation)
    assert limits, f"{limits_file(model.entry.id)} has limits of these weights"
    return check_context(model, inserted.radiograph, explanation, limits=limits), (explanation, inserted)


def support(context: CheckContext, explanation, names=VOTING) -> str:
    return verdict_of(explanation, [check(context, name) for name in names]).support


def test_a_lesions_own_mask_is_supported_and_meaningless_maps_are_not(lesion):
    context, (explanation, inserted) = lesion
    assert support(replace(context, candidate=inserted.true_map(context)), explanation) == "supported"
    made = meaningless_maps(context, randomized(context.film.model, 1.0, seed=1))
    assert {"randomized network", "edges"} <= made.keys()
    for kind, candidate in made.items():
        if candidate.map.max() > 0 and not inserted.is_shown(candidate.map, context.grid):
            assert support(replace(context, candidate=candidate), explanation) == "not supported", kind


def test_without_a_judged_randomization_a_supported_map_is_stated_to_be_open(lesion):
    context, (explanation, inserted) = lesion
    true = [check(replace(context, candidate=inserted.true_map(context)), name) for name in VOTING]
    for verdict in ("passed", "cannot be judged"):
        found = verdict_of(explanation, [*true, done("randomization", verdict)])
        assert found.support == "supported"
        assert found.reason.endswith(NOT_JUDGED) == (verdict == "cannot be judged")


def test_an_edge_detector_is_not_supported_since_it_ignores_the_model(lesion):
    context, (explanation, _) = lesion

    def remake(_model, film):
        return on_grid(edges(film.pixels), context.grid)

    edge = Candidate(remake(None, context.film.radiograph), remake)
    found = verdict_of(explanation, list(checks(replace(context, candidate=edge), ("randomization",))))
    assert (found.support, found.reason) == ("not supported", OBJECTIONS["randomization"])
    own = check(context, "randomization")
    assert own.verdict == "passed"
    same = replace(context, candidate=picture(context.candidate.map))
    assert check(same, "randomization").verdict == "failed", "a picture does not depend on the model"
