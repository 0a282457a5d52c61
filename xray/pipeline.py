"""analyze: a radiograph in, a Case out. The page, the terminal and every other face call this alone."""

from __future__ import annotations

from dataclasses import dataclass

from xray.explain import method, trace
from xray.geometry import Affine
from xray.models.classifier import load_classifier
from xray.types import Case, Explanation, Radiograph


@dataclass(frozen=True)
class Request:
    """What to run: a registered model (by default the first) and an explanation method."""

    model_id: str | None = None
    method: str = "gradcam"


def analyze(radiograph: Radiograph, request: Request | None = None) -> Case:
    """What the model says of one film and where it looked for every finding, in one forward pass.

    Raises ModelUnavailable and InvalidRequest.
    """
    request = request or Request()
    chosen = method(request.method)
    classifier = load_classifier(request.model_id)
    batch, to_input = classifier.prepare(radiograph)
    with classifier.lock:
        traced = trace(classifier.module, classifier.target_layer, batch)
    raw_maps = chosen.combine(traced.activations, traced.gradients).cpu().numpy()  # (K, h, w)
    grid_to_input = Affine.stretch(raw_maps.shape[1:], (batch.shape[2], batch.shape[3]))
    to_source = grid_to_input.then(to_input.inverse())
    return Case(
        radiograph=radiograph,
        prediction=classifier.interpret(traced.logits),
        explanations=tuple(
            Explanation(
                method=chosen.name,
                layer=classifier.entry.target_layer,
                finding=finding,
                raw_map=raw_map,
                to_source=to_source,
                source_shape=radiograph.pixels.shape,
            )
            for finding, raw_map in zip(classifier.entry.findings, raw_maps, strict=True)
        ),
    )
