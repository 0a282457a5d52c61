"""A model as one network: a film in, calibrated probabilities, logits and Grad-CAM maps out."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from xray.errors import InvalidRequest
from xray.explain.capture import capture
from xray.models.architectures import last_linear
from xray.models.calibration import calibrated
from xray.models.classifier import Classifier, normalize, resize
from xray.models.ensemble import Ensemble
from xray.models.predictor import Predictor

Pooling = Literal["", "mean", "mean of ReLU"]

TOLERANCE = 1e-4  # largest difference of a logit that identifies the pooling


class Member(nn.Module):
    """A classifier's network with its preprocessing, and its class maps if a mean precedes its last layer.

    If a logit is a linear function of the means of the target layer's channels, Grad-CAM has a closed form:
    the gradient of the logit is the weight of the channel divided by the number of positions, so no backward
    pass is needed.

    Args:
        classifier: The classifier.

    Attributes:
        pooling: How the network pools the target layer; empty if there is no closed form.
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.size, self.normalization = classifier.entry.input_size, classifier.entry.normalization
        self.network, self.head = classifier.module, last_linear(classifier.module)
        self._target = classifier.target_layer
        self.pooling = self._pooling()

    def forward(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits (n, K) and the target layer's output of films (n, 1, H, W) in [0, 1]."""
        batch = normalize(resize(films, self.size).clamp(0, 1), self.normalization)
        with capture(self._target) as outputs:
            logits = self.network(batch)
        return logits, outputs[0]

    def maps(self, activations: Tensor) -> Tensor:
        """Grad-CAM maps (n, K, h, w) in logit units, from the target layer's output (n, C, h, w)."""
        weights = self.head.weight.expand(activations.shape[0], -1, -1)  # (n, K, C)
        if self.pooling == "mean of ReLU":  # the gradient is 0 where the ReLU is
            weights = weights * (activations > 0).float().mean((2, 3))[:, None]
        maps = torch.bmm(weights, activations.flatten(2)).unflatten(2, activations.shape[2:])
        return maps / (activations.shape[2] * activations.shape[3])

    def _pooling(self) -> Pooling:
        film = torch.rand(1, 1, self.size, self.size, generator=torch.Generator().manual_seed(0))
        with torch.inference_mode():
            logits, activations = self(film)
        if activations.ndim != 4 or activations.shape[1] != self.head.in_features:
            return ""
        pooled: dict[Pooling, Tensor] = {"mean": activations, "mean of ReLU": activations.relu()}
        for pooling, values in pooled.items():
            if (self.head(values.mean((2, 3))) - logits).abs().max() < TOLERANCE:
                return pooling
        return ""


class PortableNetwork(nn.Module):
    """A classifier or an ensemble of them, from films to calibrated probabilities.

    Args:
        model: The model; its networks are on the CPU.

    Attributes:
        has_maps: Whether maps are a third output.

    Raises:
        InvalidRequest: If the model is a detector.
    """

    def __init__(self, model: Predictor) -> None:
        super().__init__()
        self.entry = model.entry
        if any(member.entry.fit != "stretch" for member in model.members):
            raise InvalidRequest(
                f"{self.entry.id} is a detector, which cannot be exported.",
                hint="Choose a classifier or an ensemble of classifiers.",
            )
        self.model = model
        self.members = [Member(member) for member in model.members]
        self.networks = nn.ModuleList(self.members)  # which registers their tensors
        self.has_maps = len(self.members) == 1 and self.members[0].pooling != ""

    def forward(self, films: Tensor) -> tuple[Tensor, ...]:
        """Classify films.

        Args:
            films: (n, 1, H, W) in [0, 1], white is dense.

        Returns:
            Probabilities (n, K), logits (n, K) and, with `has_maps`, raw Grad-CAM maps (n, K, h, w).
        """
        outputs = [member(films) for member in self.members]
        of_members = [logits for logits, _ in outputs]
        logits = self.model.mean(of_members) if isinstance(self.model, Ensemble) else of_members[0]
        probabilities = calibrated(logits, self.entry.scaling, self.entry.activation)
        if not self.has_maps:
            return probabilities, logits
        return probabilities, logits, self.members[0].maps(outputs[0][1])
