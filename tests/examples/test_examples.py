"""The stored results of the examples are those of the bundled models."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from xray.errors import RefusedRadiograph
from xray.examples import examples, outcomes
from xray.examples.make import measured
from xray.imaging.markers import without_markers
from xray.imaging.phantom import chest_phantom
from xray.models.ensemble import load_model
from xray.models.registry import entry
from xray.pipeline import Request, analyze
from xray.types import Case, Radiograph

KNOWN = {example.id: example for example in examples()}


@cache
def film_of(name: str) -> Radiograph:
    return KNOWN[name].film()


@cache
def case_of(name: str) -> Case:
    return analyze(film_of(name), Request(KNOWN[name].model))


@pytest.mark.parametrize("name", KNOWN)
def test_the_result_is_of_the_bundled_weights_and_has_pictures(name):
    example = KNOWN[name]
    assert outcomes()[name].weights_sha256 == entry(example.model).sha256
    with Image.open(example.picture) as picture, Image.open(example.thumbnail) as thumbnail:
        assert picture.size == film_of(name).pixels.shape[::-1]
        assert thumbnail.size == (296, 296)


def test_no_result_is_without_an_example():
    assert outcomes().keys() == KNOWN.keys()


@pytest.mark.parametrize("name", ["opacity-found", "opacity-missed", "uncertain", "shortcut"])
def test_the_answer_is_that_of_the_model(name):
    case = case_of(name)
    assert case.answer.statement == outcomes()[name].statement
    uncertain = {"opacity-found": False, "opacity-missed": False, "uncertain": True, "shortcut": True}
    assert bool(case.answer.reasons) == uncertain[name]
    assert ("Pneumonia" in case.answer.called) == (name in ("opacity-found", "uncertain"))


def test_the_map_of_the_first_example_points_at_the_planted_opacity():
    example = KNOWN["opacity-found"]
    x, y = case_of(example.id).explanation("Pneumonia").peak
    assert chest_phantom(example.seed, finding=True).finding_mask[int(y), int(x)]
    assert outcomes()[example.id].support == "supported"


def test_without_the_letter_the_model_answers_differently():
    example = KNOWN["shortcut"]
    model, film = load_model(example.model), film_of(example.id)
    with_letter, without = (
        model.predict(seen, intervals=False).at_operating_point("Pneumonia")
        for seen in (film, without_markers(film))
    )
    assert with_letter != without


def test_the_forearm_is_refused_with_the_stored_reason():
    with pytest.raises(RefusedRadiograph) as refusal:
        case_of("refused")
    assert refusal.value.reason == outcomes()["refused"].statement


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_stored_results_and_pictures_are_made_again(name):
    outcome, picture = measured(KNOWN[name])
    assert outcome == outcomes()[name]
    with Image.open(KNOWN[name].picture) as stored:
        difference = np.asarray(stored.convert("RGB"), np.float32) - picture
    assert np.abs(difference).mean() < 4  # lossy compression of noise
