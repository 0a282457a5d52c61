"""Class activation maps with the combinations of pytorch-grad-cam, without its scaling.

The library receives captured activations and gradients, so it registers no hooks and runs no network. It is
imported on first use, since it imports matplotlib and scikit-learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xray.explain.gradcam import gradcam
from xray.explain.registry import ExplainRequest, register, register_combination
from xray.models.classifier import Classifier

Values = NDArray[np.float32]
EPSILON = 1e-6  # of Grad-CAM++, as in the library
COMPARED = 3  # findings that Finer-CAM compares with, as in the library


def arrays(activations: Tensor, gradients: Tensor) -> tuple[Values, Values]:
    """Convert activations (C, h, w) and gradients (n, C, h, w) to two arrays (n, C, h, w)."""
    array = activations.cpu().numpy()
    return np.broadcast_to(array, (len(gradients), *array.shape)), gradients.cpu().numpy()


def channel_weighted(library: type[Any], activations: Tensor, gradients: Tensor) -> Tensor:
    """Compute raw maps (n, h, w) with a class of the library that weights channels."""
    outputs, slopes = arrays(activations, gradients)
    weights = library.get_cam_weights(None, None, None, None, outputs, slopes)  # (n, C)
    return torch.from_numpy(np.einsum("nc,nchw->nhw", weights, outputs))


def elementwise(library: type[Any], activations: Tensor, gradients: Tensor) -> Tensor:
    """Compute raw maps (n, h, w) with a class of the library that combines values element by element."""
    outputs, slopes = arrays(activations, gradients)
    return torch.from_numpy(library.get_cam_image(None, None, None, None, outputs, slopes, False))


@register_combination(
    "hirescam",
    title="HiResCAM",
    paper="arXiv:2011.08891",
    values="contribution of a location to the finding's logit: gradient times activation",
)
def hirescam(activations: Tensor, gradients: Tensor) -> Tensor:
    """HiResCAM (Draelos and Carin 2020), in logit units; signed."""
    from pytorch_grad_cam import HiResCAM

    return elementwise(HiResCAM, activations, gradients)


@register_combination(
    "layercam",
    title="LayerCAM",
    paper="doi:10.1109/TIP.2021.3089943",
    values="activations weighted by their positive gradients; rarely negative",
)
def layercam(activations: Tensor, gradients: Tensor) -> Tensor:
    """LayerCAM (Jiang et al. 2021)."""
    from pytorch_grad_cam import LayerCAM

    return elementwise(LayerCAM, activations, gradients)


@register_combination(
    "gradcam++",
    title="Grad-CAM++",
    paper="arXiv:1710.11063",
    values="activations weighted by positive gradients, with more weight for small areas; no unit",
)
def gradcam_plus_plus(activations: Tensor, gradients: Tensor) -> Tensor:
    """Grad-CAM++ (Chattopadhyay et al. 2018), for the exponential of the logit.

    It is computed here, since the checks of every map use it and the library takes seconds to import.
    """
    squares, total = gradients**2, activations.sum((1, 2))[:, None, None]  # (n, C, h, w), (C, 1, 1)
    shares = squares / (2 * squares + total * gradients**3 + EPSILON)
    weights = (shares * gradients.clamp_min(0)).sum((2, 3))  # (n, C)
    return torch.einsum("nc,chw->nhw", weights, activations)


@register_combination(
    "xgradcam",
    title="XGrad-CAM",
    paper="arXiv:2008.02312",
    values="contribution of a location to the finding's logit; gradients are averaged by activation",
)
def xgradcam(activations: Tensor, gradients: Tensor) -> Tensor:
    """XGrad-CAM (Fu et al. 2020); signed."""
    from pytorch_grad_cam import XGradCAM

    return channel_weighted(XGradCAM, activations, gradients)


@register_combination(
    "eigencam",
    title="Eigen-CAM",
    paper="doi:10.1109/IJCNN48605.2020.9206626",
    values="first principal component of the target layer, the same for every finding; no unit",
)
def eigencam(activations: Tensor, gradients: Tensor) -> Tensor:
    """Eigen-CAM (Muhammad and Yeasin 2020): the first principal component of the activations."""
    return principal(activations).expand(len(gradients), -1, -1)


def principal(activations: Tensor) -> Tensor:
    """Compute the first principal component (h, w) of activations (C, h, w).

    Its sign makes the largest magnitude positive. The result is that of the library, whose full decomposition
    takes ten seconds on a detector's grid.
    """
    locations = activations.flatten(1).T  # (C, h * w) -> (h * w, C)
    centered = locations - locations.mean(0)
    _, _, directions = torch.linalg.svd(centered, full_matrices=False)
    values = (centered @ directions[0]).unflatten(0, activations.shape[1:])
    return -values if values.min().abs() > values.max().abs() else values


def too_few(classifier: Classifier) -> str:
    """Why a model has no findings to compare; empty if it has."""
    if len(classifier.entry.findings) > 2:
        return ""
    return "It compares a finding with similar findings; this model has too few findings."


@register(
    "finercam",
    title="Finer-CAM",
    paper="arXiv:2501.11309",
    cost="one pass",
    values="contribution of a location to the finding's logit beyond that to the three most similar findings",
    unfit=too_few,
)
def finercam(request: ExplainRequest) -> Tensor:
    """Grad-CAM of a finding's logit minus those of the nearest logits (Zhang et al. 2025); signed."""
    from pytorch_grad_cam.utils.model_targets import FinerWeightedTarget

    traced = request.traced
    maps = []
    for finding in request.findings:
        logits = traced.logits[0].clone().requires_grad_()  # (K)
        nearest = (logits - logits[finding]).abs().argsort(stable=True).tolist()
        others = [index for index in nearest if index != finding][:COMPARED]
        (share,) = torch.autograd.grad(FinerWeightedTarget(finding, others, 1.0)(logits), logits)
        slopes = torch.einsum("k,kchw->chw", share, traced.gradients)
        maps.append(gradcam(traced.activations, slopes[None])[0])
    return torch.stack(maps)
