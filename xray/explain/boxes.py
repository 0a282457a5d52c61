"""Maps of detected boxes: the contributions to the score and the position of each box.

Element-wise gradient times activation of one detection (as ODAM, Zhao et al. 2023, arXiv:2304.06354), on
several layers at once. Each layer explains the same value, so the maps are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from xray.explain.cams import principal
from xray.explain.capture import capture
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.types import Detections, Explanation, Radiograph

LAYERS = ("model.15", "model.18", "model.21")  # inputs of the three parts of the head
METHOD, EIGEN = "box", "eigencam"
EIGEN_LAYER = LAYERS[1]


def box_maps(
    detector: Classifier, radiograph: Radiograph, boxes: Detections, layers: Sequence[str] = LAYERS
) -> tuple[Explanation, ...]:
    """One map per box, in units of the logit of its score, on the finest grid of the layers.

    The explained value is the logit of the box's score plus the log-likelihood of the box's position.

    Args:
        detector: The model that found the boxes.
        radiograph: The film.
        boxes: The boxes to explain.
        layers: In the order in which the network runs through them.
    """
    batch, to_input = detector.prepare(radiograph)
    modules = [detector.module.get_submodule(name) for name in layers]
    with detector.lock, torch.enable_grad(), capture(*modules, cut=True) as outputs:
        logits, positions = detector.module.likelihoods(batch)  # type: ignore[operator]
        explained = [
            logits[0, class_id, anchor] + positions[0, anchor]
            for class_id, anchor in zip(boxes.class_id.tolist(), boxes.anchor.tolist(), strict=True)
        ]
        gradients = [
            torch.autograd.grad(value, outputs, retain_graph=True, materialize_grads=True)
            for value in explained
        ]
    finest = max((int(output.shape[2]), int(output.shape[3])) for output in outputs)
    to_source = Affine.stretch(finest, (batch.shape[2], batch.shape[3])).then(to_input.inverse())
    return tuple(
        Explanation(
            method=METHOD,
            layer=", ".join(layers),
            finding=boxes.findings[class_id],
            raw_map=averaged(outputs, slopes, finest).cpu().numpy(),
            to_source=to_source,
            source_shape=radiograph.pixels.shape,
            model_id=detector.entry.id,
            weights_sha256=detector.entry.sha256,
        )
        for class_id, slopes in zip(boxes.class_id.tolist(), gradients, strict=True)
    )


def eigen_map(detector: Classifier, radiograph: Radiograph) -> Explanation:
    """The first principal component of a layer's output, without unit and the same for every box.

    Eigen-CAM (Muhammad and Yeasin 2020, doi:10.1109/IJCNN48605.2020.9206626).
    """
    batch, to_input = detector.prepare(radiograph)
    with detector.lock, capture(detector.module.get_submodule(EIGEN_LAYER)) as outputs:
        detector.module(batch)
    features = outputs[0].detach()  # (1, C, h, w)
    grid = int(features.shape[2]), int(features.shape[3])
    to_source = Affine.stretch(grid, (batch.shape[2], batch.shape[3])).then(to_input.inverse())
    return Explanation(
        method=EIGEN,
        layer=EIGEN_LAYER,
        finding=detector.entry.findings[0],
        raw_map=principal(features[0]).cpu().numpy(),
        to_source=to_source,
        source_shape=radiograph.pixels.shape,
        model_id=detector.entry.id,
        weights_sha256=detector.entry.sha256,
    )


def averaged(outputs: Sequence[Tensor], gradients: Sequence[Tensor], shape: tuple[int, int]) -> Tensor:
    """Average gradient times activation over layers (1, C, h, w) on one grid (H, W); sums are preserved."""
    maps = []
    for output, gradient in zip(outputs, gradients, strict=True):
        product = (output.detach() * gradient).sum(1, keepdim=True)  # (1, 1, h, w)
        share = product.shape[2] * product.shape[3] / (shape[0] * shape[1])
        resized = functional.interpolate(product, shape, mode="bilinear", align_corners=False)
        maps.append(resized[0, 0] * share)
    return torch.stack(maps).mean(0)
