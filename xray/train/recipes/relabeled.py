"""Recipes that train guided models of chest findings further on the published labels."""

from dataclasses import replace

from xray.train.recipes.chest import GUIDANCE, GUIDED, GUIDED_DENSENET, GUIDED_XCEPTION, NIH
from xray.train.recipes.recipe import Recipe, Stage


def relabeled(
    guided: Recipe, stages: tuple[Stage, ...], which: str, gain: str, teacher: str | None = None
) -> Recipe:
    """Return the recipe that trains a guided model further on the published labels.

    Args:
        guided: Recipe of the guided model.
        stages: The stages.
        which: The layers that are trained, in words.
        gain: Mean AUROC of 13 findings on validation films before and after, in words.
        teacher: Model that was trained on the published labels, to learn from it too.
    """
    taught = f"with `{teacher}` as teacher" if teacher else "without a teacher"
    return replace(
        guided,
        name=guided.name.removesuffix("-guided"),
        sources=tuple(replace(folder, findings=()) for folder in NIH),
        init=f"model:{guided.name}",
        stages=stages,
        half=False,
        teacher=teacher,
        guidance=replace(GUIDANCE, inserted=0.0, weight=0.0),
        augmentation="moderate",
        coarsest=(128 / 224, 1.0, 128 / 224),
        label_smoothing=0.0,
        ema_decay=0.99,
        choices=(
            f"It starts from `{guided.name}` (not bundled), the same network, which was trained with "
            "corrected labels and guidance as the following sentences describe.",
            *guided.choices[:-1],
            f"After that, {which} were trained with a low learning rate and moderate augmentation, {taught}, "
            "on the published labels, which the test films have too; half of the films had hidden "
            "places. All films were reduced to 128 px. On the validation films, with published labels, the "
            f"mean AUROC of 13 findings rose {gain}, which decided for this model. Test films were evaluated "
            "once more afterwards.",
            guided.choices[-1],
        ),
    )


def labels(rate: float, layers: tuple[str, ...] = ()) -> tuple[Stage, ...]:
    """Three epochs at a peak learning rate, of all parameters or of those with these name prefixes."""
    return (Stage("labels", 3, rate, 5e-2, layers, films=5120),)


LATER_BLOCKS = (*(f"features.{block}." for block in range(4, 19)), "classifier")
MOBILENET = relabeled(
    GUIDED, labels(3e-4, LATER_BLOCKS), "all layers but the first four blocks", "from 0.704 to 0.723"
)
XCEPTION = relabeled(GUIDED_XCEPTION, labels(4e-4), "all layers", "from 0.685 to 0.698")

LATER_LAYERS = (
    *(f"features.{kind}{number}." for kind in ("denseblock", "transition") for number in (2, 3, 4)),
    "features.norm5",
    "classifier",
)
DENSENET = relabeled(
    GUIDED_DENSENET,
    (
        Stage("distil", 4, 4e-4, 5e-2, LATER_LAYERS, teacher=1.0, size=160, films=5120),
        Stage("full size", 1, 2e-4, 5e-2, LATER_LAYERS, teacher=1.0, films=5120),
    ),
    which="the layers from the second block on (four epochs at an input size of 160 px, then one at 224 px)",
    gain="from 0.701 to 0.705",
    teacher="findings-mobilenet",
)

RELABELED = (MOBILENET, XCEPTION, DENSENET)
