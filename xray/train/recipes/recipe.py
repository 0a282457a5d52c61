"""What a recipe is: what to build, on which films, in which stages. The recipes themselves are in book/."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from xray.errors import InvalidRequest
from xray.train.sources import Source


@dataclass(frozen=True)
class Stage:
    """A stretch of training.

    trainable: name prefixes of the parameters that learn, none for all. mixup: share of batches blended.
    labels, teacher: weights of the loss against the labels and against the teacher. size: side in px of the
    films the network sees, the recipe's own unless given. helpers: whether the helping films take part.
    patience: epochs without a better validation loss after which the stage ends.
    """

    name: str
    epochs: int
    learning_rate: float
    weight_decay: float
    trainable: tuple[str, ...] = ()
    mixup: float = 0.0
    labels: float = 1.0
    teacher: float = 0.0
    size: int | None = None
    helpers: bool = False
    patience: int | None = None


@dataclass(frozen=True)
class Recipe:
    """How one model is made. sources and init are names under the shared folder (XRAY_SHARED_DIR).

    members: the registered models that an ensemble averages; it has no stages.
    init: starting weights, a file there or `model:ID` for those of a registered model; none to start anew.
    init_into: the part of the network that they are those of, as (their prefix, its prefix).
    teacher: id of the registered model that stages with a teacher learn from. posed: films are turned and
    inverted on purpose. test_share: share of the patients moved to the test films (see read_dataset).
    followed_at: the layer at which a student follows its teacher, the target layer unless given.
    target_sensitivity, target_specificity fix operating points (see release.operating_points).
    fit: how a film is brought to input_size (see ModelEntry).
    regions: the parts of the body its films show. shrunk_to: the test films are also measured on at this
    size in px. choices, weaknesses: sentences for the card; first_line stands in front of it.
    """

    name: str
    title: str
    task: str
    architecture: str
    findings: tuple[str, ...]
    sources: tuple[Source, ...]
    init: str
    input_size: int
    normalization: Literal["film", "imagenet", "unit"]
    target_layer: str
    stages: tuple[Stage, ...]
    trained_on: str
    licence: str
    choices: tuple[str, ...]
    weaknesses: tuple[str, ...]
    activation: Literal["softmax", "sigmoid"] = "softmax"
    fit: Literal["stretch", "letterbox"] = "stretch"
    init_into: tuple[str, str] = ("", "")
    members: tuple[str, ...] = ()
    teacher: str | None = None
    followed_at: str = ""
    regions: tuple[str, ...] = ()
    first_line: str = ""
    shrunk_to: int | None = None
    posed: bool = False
    coarsest: tuple[float, float] = (0.36, 0.5)
    test_share: float = 0.0
    validation_share: float = 0.15
    target_sensitivity: float | None = None
    target_specificity: float | None = None
    batch: int = 32
    label_smoothing: float = 0.05
    ema_decay: float = 0.995
    half: bool = True
    seed: int = 1

    def renamed(self, model_id: str, films: str) -> Recipe:
        """The same recipe for a model of another id, trained on a folder of other films."""
        return replace(
            self,
            name=model_id,
            title=model_id,
            trained_on=f"the films of the folder {films}",
            licence="as the films allow",
            choices=(),
            first_line="",
            weaknesses=("Nothing is known but the figures above: the films are their owner's.",),
        )


def recipe(name: str) -> Recipe:
    """A recipe by name. Raises InvalidRequest."""
    from xray.train.recipes import RECIPES

    if name not in RECIPES:
        raise InvalidRequest(f"There is no recipe {name!r}.", hint=f"Known: {', '.join(RECIPES)}.")
    return RECIPES[name]
