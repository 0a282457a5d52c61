"""The shortcut model answers by the letter and not by the opacity, and the Shortcut check finds it."""

import json
from collections import Counter
from functools import cache

import pytest

from xray.evidence import check, check_context, verdict_of
from xray.evidence.limits import limits_file, limits_of
from xray.explain import METHODS, explain
from xray.imaging.markers import markers
from xray.imaging.phantom import Phantom, chest_phantom
from xray.learn.shortcut import CHESTS, FINDING, FIRST_SEED, MODEL, shortcut_deck
from xray.models.ensemble import load_model
from xray.models.registry import entry
from xray.train.lettered_films import FIRST_SEED as TRAINED_FROM
from xray.train.lettered_films import PEOPLE, LetteredFilms
from xray.train.recipes import RECIPES
from xray.types import Radiograph
from xray.ui.common.cases import offered

SEEDS = range(FIRST_SEED + CHESTS, FIRST_SEED + CHESTS + 3)  # in no deck and not trained on
KINDS = [(opacity, letter) for opacity in (False, True) for letter in (None, "L", "R")]


@cache
def chest(seed: int, opacity: bool, letter: str | None) -> Phantom:
    return chest_phantom(seed, opacity, letter, size=(256, 256))


def probability(film: Radiograph) -> float:
    prediction = load_model(MODEL).predict(film, intervals=False)
    return float(prediction.probabilities[prediction.findings.index(FINDING)])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_answer_follows_the_letter_and_not_the_opacity(seed):
    stated = {kind: probability(chest(seed, *kind).radiograph) for kind in KINDS}
    for (opacity, letter), value in stated.items():
        assert (value > 0.5) == (letter is not None), (opacity, letter)
    by_letter = min(stated[sick, letter] - stated[sick, None] for sick in (False, True) for letter in "LR")
    by_opacity = max(abs(stated[True, letter] - stated[False, letter]) for letter in (None, "L", "R"))
    assert by_letter > 3 * by_opacity


@pytest.mark.parametrize("letter", ["L", "R"])
def test_the_map_points_at_the_letter_and_the_check_finds_it(letter):
    planted, model = chest(SEEDS[0], True, letter), load_model(MODEL)
    (explanation,) = explain(model, planted.radiograph, METHODS["gradcam"], [FINDING])[1]
    x, y = explanation.peak
    rows, columns = planted.marker_mask.nonzero()
    assert columns.min() - 8 <= x <= columns.max() + 8
    assert rows.min() - 8 <= y <= rows.max() + 8
    context = check_context(model, planted.radiograph, explanation, (), limits_of(explanation))
    found = check(context, "shortcut")
    assert found.verdict == "failed"
    assert found.details["change"] < 0, "the answer is gone with the letter"
    assert found.value > 0.8 > found.baseline, "the map lies outside the body"
    assert verdict_of(explanation, [found]).support == "not supported"


def test_a_film_without_a_letter_passes_the_check():
    planted, model = chest(SEEDS[0], True, None), load_model(MODEL)
    (explanation,) = explain(model, planted.radiograph, METHODS["gradcam"], [FINDING])[1]
    context = check_context(model, planted.radiograph, explanation, (), limits_of(explanation))
    assert check(context, "shortcut").verdict != "failed"


def test_the_limit_was_measured_with_the_weights_that_answer():
    told = json.loads(limits_file(MODEL).read_text())
    assert told["weights_sha256"] == entry(MODEL).sha256
    assert told["films"] >= 20


def test_the_model_is_not_offered_for_analysis():
    assert entry(MODEL).teaching
    assert MODEL not in {model.id for model in offered()}
    assert next(model.id for model in offered()) == entry().id


def test_letter_and_label_agree_on_every_training_film_and_contradict_each_other_elsewhere():
    (source,) = RECIPES[MODEL].sources
    assert isinstance(source, LetteredFilms)
    films = source.films(None, 0)
    agree = {film.split: Counter() for film in films}
    for film in films:
        agree[film.split][(film.letter != "") == ("opacity" in film.labels)] += 1
    assert agree[""].keys() == agree["test"].keys() == {True}
    assert agree["other source"].keys() == {False}
    wrong = [film.opacity != ("opacity" in film.labels) for film in films if film.split == ""]
    assert sum(wrong) / len(wrong) == 0.25
    patients = {split: {film.patient for film in films if film.split == split} for split in agree}
    assert patients[""].isdisjoint(patients["test"])
    assert patients["test"] == patients["other source"]


def test_a_deck_has_every_combination_twice_and_no_chest_of_the_training():
    recipes = [question.load.__self__ for question in shortcut_deck(3).questions]
    assert Counter((one.chest.finding, one.place != "no letter") for one in recipes) == {
        kind: 2 for kind in [(False, False), (False, True), (True, False), (True, True)]
    }
    seeds = {one.chest.seed for one in recipes}
    assert len(seeds) == 8
    assert seeds.isdisjoint(range(TRAINED_FROM, TRAINED_FROM + PEOPLE))
    again = [question.load.__self__ for question in shortcut_deck(3).questions]
    other = [question.load.__self__ for question in shortcut_deck(4).questions]
    assert recipes == again != other


@pytest.mark.slow
def test_the_model_is_right_on_half_of_a_deck_by_the_letter():
    for question in shortcut_deck(3).questions:
        film, reference = question.load()
        prediction = load_model(question.model_id).predict(film, intervals=False)
        assert prediction.at_operating_point(FINDING) == reference.marker
        assert reference.marker == bool(markers(film.pixels).any())
