"""Why a detector drew a box: what raises that one box's score and keeps its sides where they are.

Gradient times activation, place by place, of one detection (as ODAM, Zhao et al. 2023, arXiv:2304.06354), on
several layers at once: each of them explains the same number, so their maps are averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from xray.explain.cams import principal
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.types import Detections, Explanation, Radiograph

LAYERS = ("model.15", "model.18", "model.21")  # what the three parts of the head are given
METHOD, EIGEN = "box", "eigencam"
EIGEN_LAYER = LAYERS[1]


def box_maps(
    detector: Classifier, radiograph: Radiograph, boxes: Detections, layers: Sequence[str] = LAYERS
) -> tuple[Explanation, ...]:
    """One map per box, in units of the logit of its score, on the finest grid of the layers.

    The explained number is the logit of the box's score plus the logarithm of how likely the network holds
    the box itself. layers: in the order in which the network runs through them.
    """
    batch, to_input = detector.prepare(radiograph)
    with detector.lock, torch.enable_grad(), recorded(detector.module, layers) as outputs:
        logits, places = detector.module.likelihoods(batch)  # type: ignore[operator]
        explained = [
            logits[0, label, place] + places[0, place]
            for label, place in zip(boxes.class_id.tolist(), boxes.anchor.tolist(), strict=True)
        ]
        gradients = [
            torch.autograd.grad(one, outputs, retain_graph=True, materialize_grads=True) for one in explained
        ]
    finest = max((int(output.shape[2]), int(output.shape[3])) for output in outputs)
    to_source = Affine.stretch(finest, (batch.shape[2], batch.shape[3])).then(to_input.inverse())
    return tuple(
        Explanation(
            method=METHOD,
            layer=", ".join(layers),
            finding=boxes.findings[label],
            raw_map=together(outputs, own, finest).cpu().numpy(),
            to_source=to_source,
            source_shape=radiograph.pixels.shape,
            model_id=detector.entry.id,
            weights_sha256=detector.entry.sha256,
        )
        for label, own in zip(boxes.class_id.tolist(), gradients, strict=True)
    )


def eigen_map(detector: Classifier, radiograph: Radiograph) -> Explanation:
    """The first principal component of what one layer holds: the same for every box, as it asks for none.

    Eigen-CAM (Muhammad and Yeasin 2020, doi:10.1109/IJCNN48605.2020.9206626), without unit.
    """
    batch, to_input = detector.prepare(radiograph)
    with detector.lock, recorded(detector.module, (EIGEN_LAYER,)) as outputs:
        detector.module(batch)
    held = outputs[0].detach()  # (1, C, h, w)
    grid = int(held.shape[2]), int(held.shape[3])
    to_source = Affine.stretch(grid, (batch.shape[2], batch.shape[3])).then(to_input.inverse())
    return Explanation(
        method=EIGEN,
        layer=EIGEN_LAYER,
        finding=detector.entry.findings[0],
        raw_map=principal(held[0]).cpu().numpy(),
        to_source=to_source,
        source_shape=radiograph.pixels.shape,
        model_id=detector.entry.id,
        weights_sha256=detector.entry.sha256,
    )


def together(outputs: Sequence[Tensor], gradients: Sequence[Tensor], shape: tuple[int, int]) -> Tensor:
    """The mean over layers (1, C, h, w) of gradient times activation, on one grid (H, W), sums kept."""
    maps = []
    for output, gradient in zip(outputs, gradients, strict=True):
        own = (output.detach() * gradient).sum(1, keepdim=True)  # (1, 1, h, w)
        share = own.shape[2] * own.shape[3] / (shape[0] * shape[1])
        drawn = functional.interpolate(own, shape, mode="bilinear", align_corners=False)
        maps.append(drawn[0, 0] * share)
    return torch.stack(maps).mean(0)


@contextmanager
def recorded(module: nn.Module, layers: Sequence[str]) -> Iterator[list[Tensor]]:
    """Within, the outputs of layers are kept with their gradients; the graph begins at the first of them."""
    outputs: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        outputs.append(output if outputs else output.detach().requires_grad_())
        return outputs[-1]

    handles = [module.get_submodule(name).register_forward_hook(keep) for name in layers]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()
