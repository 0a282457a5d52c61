"""The deck that is always at hand: phantoms with a planted finding, drawn from a pool.

The pool is measured once (`python -m xray.learn.simulated`) and says of every phantom how the model fared,
so that a deck can hold its mistakes without asking it. That stays here: a deck has recipes alone.
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
from xray.imaging.phantom import Exposure, Phantom, chest_phantom, limb_phantom
from xray.learn.deck import Deck, Question, shuffled
from xray.learn.scores import Reference
from xray.models.ensemble import load_model
from xray.models.gate import check_input
from xray.models.registry import entry
from xray.types import Pixels, Radiograph

Body = Literal["chest", "forearm"]
POOL = Path(__file__).with_name("simulated.json")
FIRST_SEED, CHESTS, FOREARMS = 200, 40, 32  # apart from the samples that other pages offer
DIM = {"chest": Exposure(500.0, 0.35), "forearm": Exposure(1500.0, 0.22)}  # a tenth of the light or less
ASKED = {"chest": "Opacity", "forearm": "Fracture"}
MODELS = {"chest": ("findings-densenet121", "Infiltration"), "forearm": ("fracture-yolov8n", "Fracture")}
QUOTA: tuple[tuple[Body, tuple[str, ...]], ...] = (
    ("chest", ("found",)),
    ("chest", ("missed",)),
    ("chest", ("false alarm",)),
    ("chest", ("left alone",)),
    ("chest", ("shortcut",)),
    ("forearm", ("found",)),
    ("forearm", ("missed", "false alarm")),
    ("forearm", ("left alone",)),
)
ABOUT = (
    "Phantoms computed by X-ray physics, with an opacity of the lung or a fracture planted in some. Some are "
    "underexposed or carry a letter. The deck is chosen so that the model is wrong on several of them, which "
    "is no measure of how often it is wrong."
)


@dataclass(frozen=True)
class Recipe:
    """What makes a phantom; dim: taken with too little light."""

    body: Body
    seed: int
    finding: bool
    marker: str | None
    dim: bool

    def make(self) -> Phantom:
        phantom = chest_phantom if self.body == "chest" else limb_phantom
        exposure = DIM[self.body] if self.dim else None
        return phantom(self.seed, self.finding, self.marker, exposure=exposure)

    def load(self) -> tuple[Radiograph, Reference]:
        made = self.make()
        planted = "planted there" if self.finding else "not planted"
        return made.radiograph, Reference(
            present=self.finding,
            boxes=bounding_box(made.finding_mask),
            known_by=f"The film is simulated; the {ASKED[self.body].lower()} was {planted}.",
            marker=self.marker is not None,
        )


def bounding_box(mask: np.ndarray) -> Pixels:
    """The box (1, 4) around a mask (H, W), (0, 4) around an empty one."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.zeros((0, 4), np.float32)
    return np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)


def simulated_deck(seed: int) -> Deck:
    """Eight films: for each body found, missed, false alarm and left alone, and a letter that matters."""
    rng = np.random.default_rng([seed, 1])
    drawn = []
    for body, outcomes in QUOTA:
        fitting = [one for one, outcome in pool() if one.body == body and outcome in outcomes]
        fresh = [one for one in fitting if one not in drawn]
        drawn.append(fresh[rng.integers(len(fresh))])
    questions = [Question(ASKED[one.body], *MODELS[one.body], one.load) for one in drawn]
    return Deck("simulated", seed, shuffled(questions, rng), ABOUT)


@cache
def pool() -> tuple[tuple[Recipe, str], ...]:
    """Every recipe with how the model fared."""
    rows = json.loads(POOL.read_text(encoding="utf-8"))["films"]
    return tuple((Recipe(**{k: v for k, v in row.items() if k != "outcome"}), row["outcome"]) for row in rows)


def outcome(recipe: Recipe) -> str:
    """found, missed, false alarm or left alone; shortcut where painting the letter out turns the answer
    round; refused by the input gate.
    """
    model_id, finding = MODELS[recipe.body]
    model = load_model(model_id)
    film = recipe.make().radiograph
    if not check_input(film, model.entry).accepted:
        return "refused"
    called = model.predict(film).at_operating_point(finding)
    if recipe.marker and model.predict(without_markers(film)).at_operating_point(finding) != called:
        return "shortcut"
    return {
        (True, True): "found",
        (True, False): "missed",
        (False, True): "false alarm",
        (False, False): "left alone",
    }[recipe.finding, called]


def recipes() -> Iterator[Recipe]:
    """Every phantom of the pool: by its number with a letter or without, and every fourth underexposed."""
    counts: dict[Body, int] = {"chest": CHESTS, "forearm": FOREARMS}
    for body, count in counts.items():
        for number in range(count):
            marker = (None, "L", "R")[number % 3]
            for finding in (False, True):
                yield Recipe(body, FIRST_SEED + number, finding, marker, dim=number % 4 == 3)


def survey() -> dict[str, Any]:
    films = [asdict(one) | {"outcome": outcome(one)} for one in recipes()]
    shas = {model_id: entry(model_id).sha256 for model_id, _ in MODELS.values()}
    return {
        "command": "python -m xray.learn.simulated",
        "weights_sha256": shas,
        "films": [one for one in films if one["outcome"] != "refused"],
    }


if __name__ == "__main__":
    POOL.write_text(json.dumps(survey(), indent=1) + "\n", encoding="utf-8")
