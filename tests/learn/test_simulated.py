"""The simulated deck: reproducible by its seed, with mistakes that the model confirms."""

import json
from collections import Counter
from dataclasses import fields

import numpy as np
import pytest

from xray.imaging.markers import without_markers
from xray.imaging.phantom import chest_phantom
from xray.learn.simulated import POOL, QUOTA, Recipe, bounding_box, pool, recipes, simulated_deck
from xray.models.ensemble import load_model
from xray.models.registry import entry


def recipes_of(seed: int) -> list[Recipe]:
    return [question.load.__self__ for question in simulated_deck(seed).questions]


def test_a_seed_gives_one_deck_and_another_seed_another():
    assert recipes_of(7) == recipes_of(7)
    decks = [tuple(recipes_of(seed)) for seed in range(20)]
    assert len(set(decks)) == 20
    assert all(len(set(deck)) == len(QUOTA) for deck in decks), "no film twice"


def test_mistakes_have_random_positions_in_the_deck():
    outcomes = dict(pool())
    firsts = {outcomes[recipes_of(seed)[0]] for seed in range(40)}
    assert {"found", "missed", "left alone", "shortcut"} <= firsts
    assert {one.name for one in fields(Recipe)}.isdisjoint({"outcome"})


def test_a_deck_has_the_outcomes_of_its_quota():
    outcomes = dict(pool())
    for seed in range(20):
        deck = Counter((recipe.body, outcomes[recipe]) for recipe in recipes_of(seed))
        for body, kinds in set(QUOTA):
            wanted = sum(entry == (body, kinds) for entry in QUOTA)
            assert sum(deck[body, kind] for kind in kinds) == wanted


def test_a_model_without_some_outcome_has_a_deck_of_other_films(monkeypatch):
    accurate = tuple((recipe, "left alone") for recipe, _ in pool() if not recipe.finding)
    monkeypatch.setattr("xray.learn.simulated.pool", lambda: accurate)
    chosen = recipes_of(7)
    assert [recipe.body for recipe in chosen].count("chest") == sum(body == "chest" for body, _ in QUOTA)
    assert len(set(chosen)) == len(QUOTA)


def test_the_pool_was_measured_with_the_weights_that_answer():
    told = json.loads(POOL.read_text())
    assert told["weights_sha256"] == {id: entry(id).sha256 for id in told["weights_sha256"]}
    assert {one for one, _ in pool()} <= set(recipes())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7])
def test_the_model_fares_as_the_deck_was_chosen_for(seed):
    outcomes, wrong, depends = dict(pool()), 0, 0
    for number, question in enumerate(simulated_deck(seed).questions):
        film, reference = question.film(number)
        model = load_model(question.model_id)
        called = model.predict(film, intervals=False).at_operating_point(question.model_finding)
        painted = model.predict(without_markers(film), intervals=False).at_operating_point(
            question.model_finding
        )
        wrong += called != reference.present
        depends += reference.marker and painted != called
        expected = {
            "found": (True, True),
            "missed": (True, False),
            "false alarm": (False, True),
            "left alone": (False, False),
        }
        kind = outcomes[question.load.__self__]
        if kind != "shortcut":
            assert (reference.present, called) == expected[kind]
    assert wrong >= 3
    assert depends >= 1


@pytest.mark.slow
def test_the_reference_is_the_planted_finding_and_the_name_is_neutral():
    recipe = Recipe("chest", 4, finding=True, marker="L", dim=False)
    film, reference = recipe.load()
    truth = chest_phantom(4, finding=True, marker="L")
    left, top, right, bottom = reference.boxes[0].astype(int)
    assert truth.finding_mask[top:bottom, left:right].sum() == truth.finding_mask.sum()
    inner = truth.finding_mask[top + 1 : bottom - 1, left + 1 : right - 1]
    assert inner.any(1).all() or inner.sum() < truth.finding_mask.sum(), "no box inside holds it all"
    assert np.array_equal(film.pixels, truth.radiograph.pixels)
    assert reference.marker
    deck = simulated_deck(7)
    for number, question in enumerate(deck.questions):
        film, reference = question.film(number + 1)
        assert film.name == f"film-{number + 1}.png"
        assert film.notes == ()
        assert reference.present == (len(reference.boxes) == 1)


def test_the_box_of_a_mask_by_hand():
    mask = np.zeros((10, 12), bool)
    mask[2, 3] = mask[5, 9] = True
    assert bounding_box(mask).tolist() == [[3, 2, 10, 6]]
    assert bounding_box(np.zeros((4, 4), bool)).shape == (0, 4)
