"""Examples for the first page: simulated films, each with a stored picture and the stored result of a model.

`python -m xray.examples.make` measures the results, so that the page can show them before a model is loaded.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import orjson

from xray.imaging.phantom import PhantomRecipe
from xray.types import MapVerdict, Radiograph
from xray.types.explanation import Support

HERE = Path(__file__).parent
CHOSEN, MEASURED, PICTURES = HERE / "examples.toml", HERE / "measured.json", HERE / "pictures"


@dataclass(frozen=True)
class Example:
    """A simulated film that shows one kind of result.

    Attributes:
        id: Short name; the film is named after it.
        title: What it shows, in one or two words.
        about: What is on the film and what the model does, in a sentence.
        page: Page that opens it.
        model: Id of the model.
        body: Kind of the phantom.
        seed: Seed of the phantom.
        finding: Whether the phantom has an opacity or a fracture.
        marker: Letter of the lead marker, or None.
        dim: Whether the film is underexposed.
    """

    id: str
    title: str
    about: str
    page: Literal["analyze", "fractures"]
    model: str
    body: Literal["chest", "forearm"]
    seed: int
    finding: bool
    marker: str | None = None
    dim: bool = False

    @property
    def picture(self) -> Path:
        """The film with the map or the boxes of the model, or the film alone if the gate refuses it."""
        return PICTURES / f"{self.id}.webp"

    @property
    def thumbnail(self) -> Path:
        """The picture, reduced to a square on black."""
        return PICTURES / f"{self.id}-small.webp"

    def film(self) -> Radiograph:
        """Compute the film."""
        made = PhantomRecipe(self.body, self.seed, self.finding, self.marker, self.dim).make()
        return replace(made.radiograph, name=f"{self.id}.png")


@dataclass(frozen=True)
class Outcome:
    """The result of the model on an example.

    Attributes:
        weights_sha256: Weights of the model.
        statement: The answer in a sentence, or why the input gate refuses the film.
        support: Verdict on the map; None where no map is checked.
        reason: Why, in a sentence.
    """

    weights_sha256: str
    statement: str
    support: Support | None = None
    reason: str = ""

    @property
    def verdict(self) -> MapVerdict | None:
        """The verdict on the map; None where no map is checked."""
        return MapVerdict(self.support, self.reason) if self.support else None


@cache
def examples() -> tuple[Example, ...]:
    """All examples in the order of examples.toml; the first is shown large."""
    return tuple(Example(**entry) for entry in tomllib.loads(CHOSEN.read_text(encoding="utf-8"))["example"])


@cache
def outcomes() -> dict[str, Outcome]:
    """The stored result of each example, by id."""
    measured = orjson.loads(MEASURED.read_bytes())
    return {id: Outcome(**outcome) for id, outcome in measured["outcomes"].items()}
