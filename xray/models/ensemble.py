"""Ensembles: the mean of calibrated logits (Lakshminarayanan et al. 2017, arXiv:1612.01474)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import torch
from torch import Tensor

from xray.errors import ModelUnavailable
from xray.geometry import Affine
from xray.models.classifier import Classifier, load_classifier
from xray.models.predictor import Predictor
from xray.models.registry import ModelEntry, entry
from xray.types import Explanation, Prediction, Radiograph


def joint_sha256(hashes: Iterable[str]) -> str:
    """The hash that stands for the weights of several members."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def weights_sha256(model: ModelEntry) -> str:
    """The hash of a model's weights, of an ensemble that of all members', without loading them.

    Raises:
        ModelUnavailable: A member is not registered.
    """
    return joint_sha256(entry(one).sha256 for one in model.members) if model.members else model.sha256


class Ensemble(Predictor):
    """Classifiers with the same findings, averaged.

    Args:
        entry: Registry entry of the ensemble; its sha256 becomes the hash of the members' hashes.
        members: The classifiers.

    Raises:
        ModelUnavailable: A member has other findings or another activation.
    """

    def __init__(self, entry: ModelEntry, members: tuple[Classifier, ...]) -> None:
        for member in members:
            if (member.entry.findings, member.entry.activation) != (entry.findings, entry.activation):
                raise ModelUnavailable(
                    f"{entry.id} cannot average {member.entry.id}, which reports other findings.",
                    hint="Name members with the same findings and activation in the registry.",
                )
        self.entry = entry.model_copy(update={"sha256": joint_sha256(one.entry.sha256 for one in members)})
        self._members = members

    @property
    def members(self) -> tuple[Classifier, ...]:
        """The classifiers that are averaged."""
        return self._members

    def mean(self, logits: list[Tensor]) -> Tensor:
        """Average the logits (..., K) of the members, each calibrated with its own scaling."""
        calibrated = []
        for member, values in zip(self.members, logits, strict=True):
            scale, shift = (values.new_tensor(parameter) for parameter in member.entry.scaling)
            calibrated.append(values * scale + shift)
        return torch.stack(calibrated).mean(0)

    def logits(self, radiograph: Radiograph) -> Tensor:
        """See Predictor."""
        return self.mean([member.logits(radiograph) for member in self.members])

    @property
    def largest_member(self) -> Classifier:
        """The member with the largest input."""
        return max(self.members, key=lambda member: member.entry.input_size)

    def film(self, radiograph: Radiograph) -> Tensor:
        """See Predictor."""
        return self.largest_member.film(radiograph)

    def to_input(self, shape: tuple[int, ...]) -> Affine:
        """The affine from source pixels (H, W) to the largest member's input."""
        return self.largest_member.to_input(shape)

    def film_logits(self, films: Tensor, reference: Tensor) -> Tensor:
        """See Predictor."""
        return self.mean([member.film_logits(films, reference) for member in self.members])

    def varied_logits(self, radiograph: Radiograph, spread: str) -> Tensor:
        """See Predictor."""
        return self.mean([member.varied_logits(radiograph, spread) for member in self.members])


def load_model(model_id: str | None = None) -> Classifier | Ensemble:
    """Load the shared network or the ensemble of a registry entry, by default of the first.

    Raises:
        ModelUnavailable: The model does not exist or cannot be loaded.
    """
    facts = entry(model_id)
    if facts.kind != "ensemble":
        return load_classifier(facts.id)
    return Ensemble(facts, tuple(load_classifier(member) for member in facts.members))


def model_of(result: Prediction | Explanation) -> Classifier | Ensemble:
    """Load the model that made a prediction or an explanation.

    Raises:
        ModelUnavailable: The model cannot be loaded, or its weights have changed.
    """
    model = load_model(result.model_id)
    if model.entry.sha256 != result.weights_sha256:
        raise ModelUnavailable(
            f"{result.model_id} has other weights now than those that made this result.",
            hint="Analyze the film again.",
        )
    return model
