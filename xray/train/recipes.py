"""Every model that can be trained here, as facts: what to build, on which films, in which stages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from xray.errors import InvalidRequest


@dataclass(frozen=True)
class Stage:
    """A stretch of training.

    trainable: name prefix of the parameters that learn ("" for all). mixup: share of batches blended.
    """

    name: str
    trainable: str
    epochs: int
    learning_rate: float
    weight_decay: float
    mixup: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """How one model is made. data and init are names under the shared folder (XRAY_SHARED_DIR).

    target_sensitivity fixes the operating point of the last finding: the highest threshold that keeps this
    sensitivity on the validation films. choices, weaknesses: sentences for the card.
    """

    name: str
    title: str
    task: str
    architecture: str
    findings: tuple[str, ...]
    data: str
    init: str
    input_size: int
    normalization: Literal["film", "imagenet"]
    target_layer: str
    stages: tuple[Stage, ...]
    trained_on: str
    licence: str
    choices: tuple[str, ...]
    weaknesses: tuple[str, ...]
    target_sensitivity: float = 0.95
    validation_share: float = 0.15
    batch: int = 32
    label_smoothing: float = 0.05
    ema_decay: float = 0.995
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
            weaknesses=("Nothing is known but the figures above: the films are their owner's.",),
        )


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="pneumonia-mobilenet",
            title="Pneumonia · MobileNetV2",
            task="pneumonia",
            architecture="mobilenet_v2",
            findings=("Normal", "Pneumonia"),
            data="data/pneumonia",
            init="init/mobilenet_v2_imagenet.safetensors",
            input_size=224,
            normalization="film",
            target_layer="features.18",
            stages=(
                Stage("head", "classifier", epochs=1, learning_rate=2e-3, weight_decay=1e-4),
                Stage("all", "", epochs=7, learning_rate=5e-4, weight_decay=5e-2, mixup=0.5),
            ),
            trained_on="chest films of children, Kermany et al. 2018 (doi:10.17632/rscbjbr9sj)",
            licence="weights AGPL-3.0-or-later; films CC BY 4.0; starting weights Apache-2.0",
            choices=(
                "Every film is scaled to mean 0 and deviation 1, and training changes pose, exposure, "
                "resolution and sharpness: in this set films with pneumonia are less sharp than normal ones, "
                "and test films differ from training ones.",
                "Both findings weigh the same in training. Probabilities of pneumonia are therefore too low "
                "on the validation films, most of which show it; a temperature cannot mend that. Read a "
                "probability against its operating point, not against 50%.",
                "Nothing was chosen on test films. They were measured twice: on a trial of this recipe with "
                "other validation patients, and on this model.",
            ),
            weaknesses=(
                "Children of one hospital, aged one to five: nothing is known about adults or other devices.",
                "The films were squeezed to a square, so the model never saw true proportions.",
                "Labels are normal or pneumonia alone: any other disease is forced into one of the two.",
                "On some films the heatmap points at shoulders or abdomen, not at the lungs: what the model "
                "uses is not always the disease.",
            ),
        ),
    )
}


def recipe(name: str) -> Recipe:
    """A recipe by name. Raises InvalidRequest."""
    if name not in RECIPES:
        raise InvalidRequest(f"There is no recipe {name!r}.", hint=f"Known: {', '.join(RECIPES)}.")
    return RECIPES[name]
