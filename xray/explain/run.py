"""What a model says of a film and where it looked: one network's maps, or the mean of an ensemble's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from xray.errors import InvalidRequest
from xray.explain.registry import Asked, Method, Tell, untold
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.types import Explanation, Pixels, Radiograph


@dataclass(frozen=True, eq=False)
class Look:
    """Logits (1, K), raw maps (n, h, w), the affine from their grid to source pixels, the layer."""

    logits: Tensor
    raw_maps: Pixels
    to_source: Affine
    layer: str


def look(
    model: Classifier | Ensemble,
    radiograph: Radiograph,
    chosen: Method,
    findings: Sequence[int],
    tell: Tell = untold,
) -> Look:
    """Logits and the maps of some findings, by index; where the method allows it in one forward pass.

    An ensemble's logits are a mean, so its maps are the mean of its members', on the finest grid of them.
    """
    if isinstance(model, Ensemble):
        return together(model, radiograph, chosen, findings, tell)
    batch, to_input = model.prepare(radiograph)
    asked = Asked(model, batch, findings, tell)
    raw_maps = chosen.explain(asked).cpu().numpy().astype(np.float32)
    grid_to_input = Affine.stretch(raw_maps.shape[1:], (batch.shape[2], batch.shape[3]))
    layer = "input" if chosen.on_film else model.entry.target_layer
    return Look(asked.traced.logits, raw_maps, grid_to_input.then(to_input.inverse()), layer)


def together(
    model: Ensemble, radiograph: Radiograph, chosen: Method, findings: Sequence[int], tell: Tell
) -> Look:
    looks = []
    for number, member in enumerate(model.members):

        def told(share: float, before: int = number) -> None:
            tell((before + share) / len(model.members))

        looks.append(look(member, radiograph, chosen, findings, told))
    finest = max(looks, key=lambda one: one.raw_maps[0].size)
    shape = finest.raw_maps.shape[1:]
    maps = [
        [
            member.entry.scaling[0][finding]
            * one.to_source.then(finest.to_source.inverse()).warp(raw_map, shape)
            for finding, raw_map in zip(findings, one.raw_maps, strict=True)
        ]
        for member, one in zip(model.members, looks, strict=True)
    ]
    layers = [f"{member.entry.id}: {one.layer}" for member, one in zip(model.members, looks, strict=True)]
    logits = model.mean([one.logits for one in looks])
    return Look(logits, np.mean(maps, axis=0, dtype=np.float32), finest.to_source, ", ".join(layers))


def explain(
    model: Classifier | Ensemble,
    radiograph: Radiograph,
    chosen: Method,
    findings: Sequence[str],
    tell: Tell = untold,
) -> tuple[Tensor, tuple[Explanation, ...]]:
    """Logits (1, K) and one Explanation for each of some findings.

    Raises InvalidRequest where the method does not fit the model.
    """
    refusal = chosen.refusal(model)
    if refusal:
        raise InvalidRequest(f"{chosen.title} does not fit {model.entry.id}.", hint=refusal)
    indices = [model.entry.findings.index(finding) for finding in findings]
    seen = look(model, radiograph, chosen, indices, tell)
    return seen.logits, tuple(
        Explanation(
            method=chosen.name,
            layer=seen.layer,
            finding=finding,
            raw_map=raw_map,
            to_source=seen.to_source,
            source_shape=radiograph.pixels.shape,
            model_id=model.entry.id,
            weights_sha256=model.entry.sha256,
        )
        for finding, raw_map in zip(findings, seen.raw_maps, strict=True)
    )
