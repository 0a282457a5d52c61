"""Every check on every bundled network: verdicts, limits, and the command."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.conftest import networks
from tests.evidence.planted import (
    FINDING,
    SIDE,
    classifier_of,
    context_of,
    dots,
    finder,
    striped,
)
from xray.errors import InvalidRequest
from xray.evidence import CHECKS, Candidate, FilmContext, Limit, Reading, check, check_context, checks
from xray.evidence.registry import Description, register
from xray.explain import METHODS, explain
from xray.geometry import Affine
from xray.imaging.phantom import chest_phantom
from xray.models.classifier import Classifier, load_classifier
from xray.models.ensemble import Ensemble, load_model
from xray.registry import Registry
from xray.types import Explanation, Radiograph

SMALL = 64  # pixels: every network can read such a film


def small(model_id: str) -> Classifier | Ensemble:
    """A bundled network, or the ensemble of the two for pneumonia, that reads small films."""
    if model_id == "pneumonia-ensemble":
        members = small("pneumonia-mobilenet"), small("pneumonia-vit")
        return Ensemble(members[0].entry, members)
    shared = load_classifier(model_id)
    return Classifier(shared.entry.model_copy(update={"input_size": SMALL}), shared.module)


@pytest.fixture(scope="module")
def phantom():
    return chest_phantom(2, finding=True, marker="L", size=(96, 96)).radiograph


@pytest.mark.parametrize("model_id", [*networks("densenet121"), "pneumonia-ensemble"])
def test_every_check_has_a_result_or_a_reason(model_id, phantom):
    model = small(model_id)
    limits = dict.fromkeys(CHECKS, Limit(0.0, 0.0, 0.0))
    boxes = [(24.0, 24.0, 84.0, 84.0)]
    drawn = explain(model, phantom, METHODS["gradcam"], model.entry.findings)[1]
    finding = max(drawn, key=lambda one: one.raw_max).finding
    asked = context_of(model, phantom, METHODS["gradcam"], finding, boxes, limits)
    found = list(checks(asked))
    assert [one.name for one in found] == list(CHECKS)
    for one in found:
        assert one.seconds > 0
        assert re.fullmatch(r"[A-Z\d].+[.]", one.why, re.DOTALL)
        if one.verdict == "cannot be judged":
            assert math.isnan(one.baseline)
        else:
            assert one.verdict in ("passed", "failed")
            assert np.isfinite([one.value, one.baseline, one.centered, *one.details.values()]).all()
        assert all(np.isfinite(curve).all() for curve in one.curves.values())
        assert all(drawn.shape == asked.film.shape for drawn in one.maps.values())
    judged_at_least = {"randomization", "stability", "agreement"}  # also where no answer moves
    assert judged_at_least <= {one.name for one in found if one.verdict != "cannot be judged"}


def test_a_map_without_positive_values_is_not_judged():
    limits = dict.fromkeys(CHECKS, Limit(0.0))
    own = context_of(finder(), striped(5), METHODS["gradcam"], FINDING, limits=limits)
    empty = replace(own, candidate=Candidate(-np.abs(own.candidate.map), own.candidate.remake))
    for one in checks(empty):
        assert (one.verdict, one.why) == (
            "cannot be judged",
            f"The map has no positive evidence for {FINDING}.",
        )


class LightAndDark(nn.Module):
    """Logits of two findings: the film's mean, and that of what it lacks."""

    def forward(self, films: Tensor) -> Tensor:
        light = films.mean((1, 2, 3))
        return torch.stack([light, 1 - light], 1)


def test_under_softmax_evidence_for_other_findings_counts():
    module = nn.Sequential(nn.Identity(), LightAndDark())
    facts = {"findings": (FINDING, "Nothing"), "thresholds": (0.5, 0.5), "activation": "softmax"}
    model = classifier_of(module, **facts)
    film = dots(3)
    put = FilmContext(model, Radiograph(film, "dots.png"), FINDING)
    assert put.logit == pytest.approx(film.mean() - (1 - film.mean()), abs=1e-5)
    odds = model.predict(put.radiograph, intervals=False).probabilities
    assert put.logit == pytest.approx(np.log(odds[0] / odds[1]), abs=1e-5)


def test_a_check_finds_the_same_alone_and_after_others():
    alone, after = (context_of(finder(), striped(5), METHODS["gradcam"], FINDING) for _ in range(2))
    (found,) = (one for one in checks(after) if one.name == "stability")
    assert found.value == pytest.approx(check(alone, "stability").value)


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_is_a_question_with_a_paper(name):
    one = CHECKS[name]
    assert one.name == name
    assert one.question.endswith("?")
    assert re.fullmatch(r"arXiv:\d{4}\.\d{5}|doi:10\.\d{4}/\S+", one.paper)
    assert one.better in ("higher", "lower")
    assert "{value" in one.sentence


@pytest.mark.parametrize(
    ("better", "value", "verdict"),
    [
        ("higher", 0.49, "failed"),
        ("higher", 0.5, "passed"),
        ("higher", 0.51, "passed"),
        ("lower", 0.49, "passed"),
        ("lower", 0.5, "passed"),
        ("lower", 0.51, "failed"),
    ],
)
def test_verdicts_below_at_and_above_the_limit(monkeypatch, better, value, verdict):
    monkeypatch.setattr("xray.evidence.registry.CHECKS", planted := Registry("check"))
    texts = {"title": "", "question": "?", "paper": "", "sentence": "{value}."}

    @register("planted", better=better, description=Description("", "", "", ""), **texts)
    def measure(asked, candidate) -> Reading:
        return Reading(value)

    asked = context_of(finder(), striped(0), METHODS["gradcam"], FINDING)
    with CHECKS.temporarily("planted", planted["planted"]):
        assert check(asked, "planted").verdict == "cannot be judged"
        found = check(replace(asked, limits={"planted": Limit(0.5, 0.2, 0.3)}), "planted")
    assert (found.verdict, found.baseline, found.centered) == (verdict, 0.2, 0.3)
    side = "or more" if better == "higher" else "or less"
    assert found.why == f"{value}. A map without meaning has 0.20 (median); the limit is 0.50 {side}."


def test_an_ensemble_is_explained_by_its_calibrated_logit():
    """Under the sigmoid that is the log-odds of its own probability."""
    model, film = load_model("findings-ensemble"), chest_phantom(1, size=(224, 224)).radiograph
    finding = model.entry.findings[2]
    put = FilmContext.of(model, film, finding)
    expected = model.log_odds(model.logits(put.radiograph))[0, 2]
    assert put.logit == pytest.approx(expected, abs=1e-3)


def test_the_map_that_is_shown_is_checked_and_never_computed_again(monkeypatch):
    """A film of another size: a cell of the shown map lies on the same part of the film."""
    pixels = np.random.default_rng(0).random((64, 96), np.float32)
    shown = Explanation(
        "gradcam", "0", FINDING, dots(1), Affine.stretch((SIDE, SIDE), (64, 96)), (64, 96), "planted", ""
    )
    monkeypatch.setattr("xray.evidence.context.explain", None)
    context = check_context(finder(), Radiograph(pixels, "wide.png"), shown)
    assert context.candidate.map == pytest.approx(dots(1), abs=1e-6)
    assert context.film.shape == (SIDE, SIDE)
    assert np.isfinite(check(context, "deletion").value)


def test_an_explanation_made_by_other_weights_is_refused():
    (explanation,) = explain(finder(), striped(0), METHODS["gradcam"], [FINDING])[1]
    other = replace(explanation, weights_sha256="1" * 64)
    with pytest.raises(InvalidRequest, match="was made by planted with other weights"):
        check_context(finder(), striped(0), other)
