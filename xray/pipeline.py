"""analyze: a radiograph in, a Case out. The page, the terminal and every other face call this alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from xray.errors import RefusedRadiograph
from xray.explain import Method, method, trace
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.models.detector import detect, is_detector
from xray.models.ensemble import Ensemble
from xray.models.fallback import load_with_fallback
from xray.models.gate import judge
from xray.models.organ import BODY_REGION, organ
from xray.types import Case, Explanation, Pixels, Radiograph


@dataclass(frozen=True)
class Request:
    """What to run: a registered model (by default the first) and an explanation method.

    threshold: one operating point for all findings in place of the model's own. anyway: also analyze a film
    that the input gate refuses.
    """

    model_id: str | None = None
    method: str = "gradcam"
    threshold: float | None = None
    anyway: bool = False


@dataclass(frozen=True, eq=False)
class Look:
    """Logits (1, K), raw maps (K, h, w), the affine from their grid to source pixels, the layer."""

    logits: Tensor
    raw_maps: Pixels
    to_source: Affine
    layer: str


def look(model: Classifier | Ensemble, radiograph: Radiograph, chosen: Method) -> Look:
    """What a model says and where it looked, in one forward pass of every network.

    An ensemble's logits are a mean, so their maps are the mean of its members', on the finest grid of them.
    """
    if isinstance(model, Ensemble):
        looks = [look(member, radiograph, chosen) for member in model.members]
        finest = max(looks, key=lambda one: one.raw_maps[0].size)
        shape = finest.raw_maps.shape[1:]
        maps = [
            [
                scale * one.to_source.then(finest.to_source.inverse()).warp(raw_map, shape)
                for scale, raw_map in zip(member.entry.scaling[0], one.raw_maps, strict=True)
            ]
            for member, one in zip(model.members, looks, strict=True)
        ]
        layers = ", ".join(f"{one.entry.id}: {one.entry.target_layer}" for one in model.members)
        logits = model.mean([one.logits for one in looks])
        return Look(logits, np.mean(maps, axis=0, dtype=np.float32), finest.to_source, layers)
    batch, to_input = model.prepare(radiograph)
    with model.lock:
        traced = trace(model.module, model.target_layer, batch)
    raw_maps = chosen.combine(traced.activations, traced.gradients).cpu().numpy()
    grid_to_input = Affine.stretch(raw_maps.shape[1:], (batch.shape[2], batch.shape[3]))
    return Look(traced.logits, raw_maps, grid_to_input.then(to_input.inverse()), model.entry.target_layer)


def analyze(radiograph: Radiograph, request: Request | None = None) -> Case:
    """What the model says of one film and where it looked for every finding.

    Raises ModelUnavailable, InvalidRequest, and RefusedRadiograph where the input gate refuses the film.
    """
    request = request or Request()
    chosen = method(request.method)
    model, fallback = load_with_fallback(request.model_id)
    gate = judge(radiograph, model.entry)
    if not gate.accepted and not request.anyway:
        raise RefusedRadiograph(f"{radiograph.name}: {gate.reason}", gate.hint)
    seen = look(model, radiograph, chosen)
    prediction = model.interpret(radiograph, seen.logits)
    if request.threshold is not None:
        prediction = prediction.at_threshold(request.threshold)
    return Case(
        radiograph=radiograph,
        prediction=prediction,
        gate=gate,
        fallback=fallback,
        detections=detect(model.members[0], radiograph) if is_detector(model.entry) else None,
        organ=organ(radiograph, prediction.most_likely) if model.entry.task == BODY_REGION else "",
        explanations=tuple(
            Explanation(
                method=chosen.name,
                layer=seen.layer,
                finding=finding,
                raw_map=raw_map,
                to_source=seen.to_source,
                source_shape=radiograph.pixels.shape,
            )
            for finding, raw_map in zip(model.entry.findings, seen.raw_maps, strict=True)
        ),
    )
