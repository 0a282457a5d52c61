"""The built-in deck: phantoms with a planted finding, drawn from a pool.

The pool stores the model's outcome on every phantom (`python -m xray.learn.simulated` measures it), so that a
deck can contain mistakes of the model without running it. The outcomes are not part of a deck.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from xray.imaging.markers import without_markers
from xray.imaging.phantom import PhantomRecipe
from xray.learn.deck import Deck, Question, shuffled
from xray.learn.scores import Reference
from xray.models.ensemble import load_model
from xray.models.gate import check_input
from xray.models.registry import entry
from xray.types import Pixels, Radiograph

Body = Literal["chest", "forearm"]
POOL = Path(__file__).with_name("simulated.json")
FIRST_SEED, CHESTS, FOREARMS = 200, 120, 32  # different from the samples of other pages
FINDINGS = {"chest": "Opacity", "forearm": "Fracture"}
MODELS = {"chest": ("pneumonia-mobilenet", "Pneumonia"), "forearm": ("fracture-yolov8n", "Fracture")}
QUOTA: tuple[tuple[Body, tuple[str, ...]], ...] = (
    ("chest", ("found",)),
    ("chest", ("missed", "false alarm")),
    ("chest", ("missed", "false alarm")),
    ("chest", ("left alone",)),
    ("chest", ("shortcut",)),
    ("forearm", ("found",)),
    ("forearm", ("missed", "false alarm")),
    ("forearm", ("left alone",)),
)
ABOUT = (
    "Simulated radiographs, some with a lung opacity or a fracture. Some are underexposed or show a marker "
    "letter. The deck deliberately contains several mistakes of the model, so it does not show how often the "
    "model is wrong."
)


@dataclass(frozen=True)
class Recipe(PhantomRecipe):
    """A phantom of the pool."""

    def load(self) -> tuple[Radiograph, Reference]:
        """Create the phantom and its reference."""
        made = self.make()
        planted = "planted there" if self.finding else "not planted"
        return made.radiograph, Reference(
            present=self.finding,
            boxes=bounding_box(made.finding_mask),
            known_by=f"The film is simulated; the {FINDINGS[self.body].lower()} was {planted}.",
            marker=self.marker is not None,
            free=not self.finding,
            certainty="This is certain, because the film was made with it."
            if self.finding
            else "This is certain, because the film was made without it.",
        )


def bounding_box(mask: np.ndarray) -> Pixels:
    """The box (1, 4) around a mask (H, W); (0, 4) if the mask is empty."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.zeros((0, 4), np.float32)
    return np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)


def simulated_deck(seed: int) -> Deck:
    """Eight films with the outcomes of QUOTA as far as the pool has them; otherwise any film of the body."""
    rng = np.random.default_rng([seed, 1])
    chosen: list[Recipe] = []
    for body, outcomes in QUOTA:
        unused = [row for row in pool() if row[0].body == body and row[0] not in chosen]
        candidates = [row for row in unused if row[1] in outcomes] or unused
        chosen.append(candidates[rng.integers(len(candidates))][0])
    questions = [Question(FINDINGS[recipe.body], *MODELS[recipe.body], recipe.load) for recipe in chosen]
    return Deck("simulated", seed, shuffled(questions, rng), ABOUT)


@cache
def pool() -> tuple[tuple[Recipe, str], ...]:
    """Every recipe with the outcome of the model."""
    rows = json.loads(POOL.read_text(encoding="utf-8"))["films"]
    return tuple((Recipe(**{k: v for k, v in row.items() if k != "outcome"}), row["outcome"]) for row in rows)


def outcome(recipe: Recipe) -> str:
    """The outcome of the model on a phantom.

    Returns:
        found, missed, false alarm or left alone; shortcut if painting out the marker changes the answer;
        refused if the input gate refuses the film.
    """
    model_id, finding = MODELS[recipe.body]
    model = load_model(model_id)
    film = recipe.make().radiograph
    if not check_input(film, model.entry).accepted:
        return "refused"

    def positive(seen: Radiograph) -> bool:
        return model.predict(seen, intervals=False).at_operating_point(finding)

    called = positive(film)
    if recipe.marker and positive(without_markers(film)) != called:
        return "shortcut"
    return {
        (True, True): "found",
        (True, False): "missed",
        (False, True): "false alarm",
        (False, False): "left alone",
    }[recipe.finding, called]


def recipes() -> Iterator[Recipe]:
    """Every phantom of the pool: two of three have a marker, every fourth is underexposed."""
    counts: dict[Body, int] = {"chest": CHESTS, "forearm": FOREARMS}
    for body, count in counts.items():
        for number in range(count):
            marker = (None, "L", "R")[number % 3]
            for finding in (False, True):
                yield Recipe(body, FIRST_SEED + number, finding, marker, dim=number % 4 == 3)


def survey() -> dict[str, Any]:
    """Measure the outcome of every recipe: the content of simulated.json."""
    films = [asdict(recipe) | {"outcome": outcome(recipe)} for recipe in recipes()]
    shas = {model_id: entry(model_id).sha256 for model_id, _ in MODELS.values()}
    return {
        "command": "python -m xray.learn.simulated",
        "weights_sha256": shas,
        "films": [film for film in films if film["outcome"] != "refused"],
    }


if __name__ == "__main__":
    POOL.write_text(json.dumps(survey(), indent=1) + "\n", encoding="utf-8")
