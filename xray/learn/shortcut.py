"""The shortcut deck: simulated chests, answered by a model that was trained to read a lead letter.

The letter agrees with the opacity on half of the films and contradicts it on the others.
`python -m xray.learn.shortcut` measures the limit of the Shortcut check for this model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from xray.evidence import FilmContext
from xray.evidence.limits import limits_file, shortcut_limit
from xray.evidence.shortcut import painted_out
from xray.imaging.markers import lettered
from xray.learn.deck import FILMS, Deck, Question, shuffled
from xray.learn.scores import Reference
from xray.learn.simulated import FINDINGS, Recipe
from xray.models.ensemble import load_model
from xray.train.dataset import own_films
from xray.train.lettered_films import LETTERS, PLACES
from xray.types import Radiograph

MODEL, FINDING = "shortcut-letter", "Opacity"
FIRST_SEED, CHESTS = 20_000, 1000  # different from those that the model was trained and tested on
ABOUT = (
    "Simulated chests, some with a lung opacity. The model of this deck was trained for lessons: on its "
    "training films it was nearly always right, but not because of the lung. Find out what it looks at."
)


@dataclass(frozen=True)
class LetteredRecipe:
    """A film of the deck: a simulated chest, and a letter at a place of imaging.markers.PLACES."""

    chest: Recipe
    letter: str
    place: str

    def load(self) -> tuple[Radiograph, Reference]:
        """Create the film and its reference."""
        film, reference = self.chest.load()
        return lettered(film, self.place, self.letter), replace(reference, marker=self.place != "no letter")


def shortcut_deck(seed: int) -> Deck:
    """Eight films: every combination of opacity and letter twice, each of another chest."""
    rng = np.random.default_rng([seed, 2])
    chests = FIRST_SEED + rng.choice(CHESTS, FILMS, replace=False)
    kinds = list(product((False, True), (False, True))) * 2
    recipes = []
    for chest, (opacity, with_letter) in zip(chests, kinds, strict=True):
        letter, place = rng.choice(list(LETTERS)), rng.choice(PLACES)
        recipe = Recipe("chest", int(chest), opacity)
        recipes.append(LetteredRecipe(recipe, str(letter), str(place) if with_letter else "no letter"))
    questions = [Question(FINDINGS["chest"], MODEL, FINDING, recipe.load) for recipe in recipes]
    return Deck("shortcut", seed, shuffled(questions, rng), ABOUT)


def measure_limit() -> dict[str, Any]:
    """Measure the limit of the Shortcut check on validation films without a letter.

    Nothing outside the body gives the answer away there, so painting it out changes the log-odds as it does
    for a model without a shortcut (compare evidence.limits, which needs a model that responds to lesions).
    """
    model = load_model(MODEL)
    films = [film for film in own_films(MODEL, "validation")[1] if not getattr(film, "letter", "")]
    changes = [FilmContext.of(model, film.read(), FINDING).once(painted_out)[2] for film in films]
    limit = shortcut_limit([abs(change) for change in changes])
    return {
        "command": "python -m xray.learn.shortcut",
        "model": MODEL,
        "weights_sha256": model.entry.sha256,
        "films": len(films),
        "limits": {"*": {"shortcut": {"limit": round(limit, 4)}}},
    }


if __name__ == "__main__":
    limits_file(MODEL).write_text(json.dumps(measure_limit(), indent=1) + "\n", encoding="utf-8")
