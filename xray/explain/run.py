"""Logits and maps of a film, for one network or averaged over an ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from xray.errors import InvalidRequest
from xray.explain.plugins import checked_maps
from xray.explain.registry import OWN_PACKAGE, ExplainRequest, Method, Progress, no_progress
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.types import Explanation, Pixels, Radiograph


@dataclass(frozen=True, eq=False)
class RawMaps:
    """Logits (1, K), raw maps (n, h, w), the affine from their grid to source pixels, the layer."""

    logits: Tensor
    raw_maps: Pixels
    to_source: Affine
    layer: str


def compute_maps(
    model: Classifier | Ensemble,
    radiograph: Radiograph,
    method: Method,
    findings: Sequence[int],
    progress: Progress = no_progress,
) -> RawMaps:
    """Compute logits and maps, in one forward pass if the method allows it.

    An ensemble averages the maps of its members on their finest grid, since its logits are a mean.

    Args:
        model: The model to explain.
        radiograph: The film.
        method: The explanation method.
        findings: Indices of findings of the model.
        progress: Receives the share done, in [0, 1].

    Raises:
        MethodFailed: The method is of another package and fails.
    """
    if isinstance(model, Ensemble):
        return _averaged(model, radiograph, method, findings, progress)
    batch, to_input = model.prepare(radiograph)
    request = ExplainRequest(model, batch, findings, progress)
    made = method.explain(request) if method.package == OWN_PACKAGE else checked_maps(method, request)
    raw_maps = made.detach().cpu().numpy().astype(np.float32)
    grid_to_input = Affine.stretch(raw_maps.shape[1:], (batch.shape[2], batch.shape[3]))
    layer = method.layer or ("input" if method.on_film else model.entry.target_layer)
    return RawMaps(request.traced.logits, raw_maps, grid_to_input.then(to_input.inverse()), layer)


def _averaged(
    model: Ensemble, radiograph: Radiograph, method: Method, findings: Sequence[int], progress: Progress
) -> RawMaps:
    outputs = []
    for number, member in enumerate(model.members):

        def member_progress(share: float, before: int = number) -> None:
            progress((before + share) / len(model.members))

        outputs.append(compute_maps(member, radiograph, method, findings, member_progress))
    finest = max(outputs, key=lambda output: output.raw_maps[0].size)
    shape = finest.raw_maps.shape[1:]
    maps = [
        [
            member.entry.scaling[0][finding]
            * output.to_source.then(finest.to_source.inverse()).warp(raw_map, shape)
            for finding, raw_map in zip(findings, output.raw_maps, strict=True)
        ]
        for member, output in zip(model.members, outputs, strict=True)
    ]
    layers = [
        f"{member.entry.id}: {output.layer}" for member, output in zip(model.members, outputs, strict=True)
    ]
    logits = model.mean([output.logits for output in outputs])
    return RawMaps(logits, np.mean(maps, axis=0, dtype=np.float32), finest.to_source, ", ".join(layers))


def explain(
    model: Classifier | Ensemble,
    radiograph: Radiograph,
    method: Method,
    findings: Sequence[str],
    progress: Progress = no_progress,
) -> tuple[Tensor, tuple[Explanation, ...]]:
    """Explain some findings of a film.

    Args:
        model: The model to explain.
        radiograph: The film.
        method: The explanation method.
        findings: Names of findings of the model.
        progress: Receives the share done, in [0, 1].

    Returns:
        Logits (1, K), and one Explanation per finding, in their order.

    Raises:
        InvalidRequest: The method does not fit the model.
        MethodFailed: The method is of another package and fails.
    """
    refusal = method.refusal(model)
    if refusal:
        raise InvalidRequest(f"{method.title} does not fit {model.entry.id}.", hint=refusal)
    indices = [model.entry.findings.index(finding) for finding in findings]
    output = compute_maps(model, radiograph, method, indices, progress)
    return output.logits, tuple(
        Explanation(
            method=method.name,
            layer=output.layer,
            finding=finding,
            raw_map=raw_map,
            to_source=output.to_source,
            source_shape=radiograph.pixels.shape,
            model_id=model.entry.id,
            weights_sha256=model.entry.sha256,
        )
        for finding, raw_map in zip(findings, output.raw_maps, strict=True)
    )
