"""A recipe: the architecture, the films, the training stages and the text of the model card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from xray.train.sources import Source


@dataclass(frozen=True)
class Stage:
    """One training stage.

    Attributes:
        name: Name of the stage in checkpoints and figures.
        epochs: Largest number of epochs.
        learning_rate: Peak learning rate.
        weight_decay: Weight decay of AdamW.
        trainable: Name prefixes of the parameters to train; empty for all.
        mixup: Share of the batches that mixup blends, in [0, 1].
        labels: Weight of the loss against the labels.
        teacher: Weight of the distillation loss.
        size: Side of the training films in px; None for the recipe's input size.
        helpers: Whether the helper films are included.
        films: Number of films that an epoch of a balanced training draws; None for as many as there are.
        patience: Number of epochs without a better validation loss after which the stage ends.
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
    films: int | None = None
    patience: int | None = None


@dataclass(frozen=True)
class Guidance:
    """How a network is shown where lesions are (see train.guided).

    Attributes:
        into: Finding of the films that lesions are inserted into; it is absent afterwards.
        lesions: Kinds in imaging.lesions.LESIONS with the findings that they show.
        inserted: Share of the films with `into` that get a lesion.
        hidden: Share of the films with hidden places.
        weight: Weight of the loss on the class map; 0 for a network without one (a dense layer).
    """

    into: str
    lesions: tuple[tuple[str, tuple[str, ...]], ...]
    inserted: float = 0.33
    hidden: float = 0.5
    weight: float = 0.3


@dataclass(frozen=True)
class Recipe:
    """All that is needed to train one model.

    Attributes:
        name: Id of the model.
        title: Title on the pages and on the card.
        task: Task that groups models.
        architecture: Name of the architecture (see models.architectures); empty for an ensemble.
        findings: Findings (K) in output order.
        sources: Collections (see train.public_data).
        init: Starting weights: a file under `XRAY_TRAINING_DATA`, `model:ID` for those of a registered
            model, `package:NAME` for those of an installed package, or empty for random weights.
        input_size: Side of the model input in px.
        normalization: See ModelEntry.
        target_layer: Layer that heatmaps are computed at.
        stages: Training stages; empty for an ensemble.
        trained_on: Training data, for the card.
        licence: Licences of weights, films and starting weights, for the card.
        choices: Sentences on the decisions made, for the card.
        weaknesses: Sentences on the known weaknesses, for the card.
        activation: `softmax` for exclusive findings, `sigmoid` for independent ones.
        fit: How a film is brought to input_size (see ModelEntry).
        init_into: (prefix in the starting weights, prefix in the network) of the part to initialize.
        members: Ids of the registered models that an ensemble averages.
        teacher: Id of the registered model to distill from.
        followed_at: Layer at which a student matches its teacher; empty for the target layer.
        regions: Body regions of the films.
        warning: First sentence of the card.
        shrunk_to: Size in px at which the test films are evaluated additionally.
        close_ups: Number of close-ups of every box that a detector is trained with (see train.closeups).
        augmentation: How much training films are changed (see train.augment): `strong`; `moderate`; or
            `slight`, by which nothing at their border is lost.
        teaching: See ModelEntry.
        posed: Whether films are rotated and inverted in training.
        coarsest: Lowest resolution in augmentation as a share of the input size, the share of films reduced,
            and the highest resolution of a reduced film.
        test_share: Share of the patients moved to the test set (see data.read_dataset).
        validation_share: Share of the other patients used for validation.
        target_sensitivity: Sensitivity that fixes the operating points (see release.operating_points).
        target_specificity: Specificity that fixes the operating points.
        guidance: How the network is shown where lesions are.
        refit: Whether the last layer is fitted again after the training (see train.refit).
        balanced: Whether films with rare findings are drawn more often (see losses.drawing_weights).
        batch: Films per batch.
        label_smoothing: Label smoothing, in [0, 1).
        ema_decay: Decay of the moving average of the weights.
        half: Whether to train in bfloat16.
        seed: Seed of the split, the initial weights and the epochs.
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
    warning: str = ""
    shrunk_to: int | None = None
    close_ups: int = 0
    augmentation: Literal["strong", "moderate", "slight"] = "strong"
    teaching: bool = False
    posed: bool = False
    coarsest: tuple[float, float, float] = (0.36, 0.5, 0.9)
    test_share: float = 0.0
    validation_share: float = 0.15
    target_sensitivity: float | None = None
    target_specificity: float | None = None
    guidance: Guidance | None = None
    refit: bool = False
    balanced: bool = False
    batch: int = 32
    label_smoothing: float = 0.05
    ema_decay: float = 0.995
    half: bool = True
    seed: int = 1

    def resolutions(self, size: int) -> tuple[float, float, float]:
        """Return `coarsest` as shares of another size of the training films, in px."""
        lowest, share, highest = self.coarsest
        larger = self.input_size / size
        return min(1.0, lowest * larger), share, min(1.0, highest * larger)

    def renamed(self, model_id: str, films: str) -> Recipe:
        """Return the same recipe for a model with another id, trained on a folder of other films."""
        return replace(
            self,
            name=model_id,
            title=model_id,
            trained_on=f"the films of the folder {films}",
            licence="depends on the licence of the films",
            choices=(),
            warning="",
            weaknesses=("Only the figures above are known about this model.",),
        )
