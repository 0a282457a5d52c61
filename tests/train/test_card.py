"""Every stored card equals the card generated from recipe and figures."""

import hashlib
import json

import pytest

from xray.models.registry import entries, entry
from xray.settings import ROOT
from xray.train.card import card
from xray.train.recipes import RECIPES


@pytest.mark.parametrize("model_id", [facts.id for facts in entries()])
def test_every_kept_card_is_that_of_its_recipe_and_figures(model_id):
    recipe, kept = RECIPES[model_id], json.loads((ROOT / "weights" / f"{model_id}.json").read_text())
    facts = entry(model_id)
    if facts.kind == "ensemble":  # its card names the hash of its members' hashes
        hashes = "".join(entry(member).sha256 for member in facts.members)
        facts = facts.model_copy(update={"sha256": hashlib.sha256(hashes.encode()).hexdigest()})
    assert (ROOT / "weights" / f"{model_id}.md").read_text() == card(recipe, facts, kept)
    assert (facts.title, facts.trained_on, facts.licence) == (recipe.title, recipe.trained_on, recipe.licence)
    assert kept["warning"] == recipe.warning
    assert kept["choices"] == list(recipe.choices)
    assert kept["weaknesses"] == list(recipe.weaknesses)
