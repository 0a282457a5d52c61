"""Class activation maps as pytorch-grad-cam combines them, from one pass of ours and without its scaling.

Its classes receive the activations and gradients that we recorded; they keep no hook and no network. The
library is imported on first use, since it imports matplotlib and scikit-learn.
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
COMPARED = 3  # findings that Finer-CAM compares with, the library's own number


def arrays(activations: Tensor, gradients: Tensor) -> tuple[Values, Values]:
    """Activations (n, C, h, w), repeated for every finding, and gradients (n, C, h, w) as NumPy's."""
    held = activations.cpu().numpy()
    return np.broadcast_to(held, (len(gradients), *held.shape)), gradients.cpu().numpy()


def weighted(library: type[Any], activations: Tensor, gradients: Tensor) -> Tensor:
    """Raw maps (n, h, w) of a class of the library that weighs channels."""
    held, slopes = arrays(activations, gradients)
    weights = library.get_cam_weights(None, None, None, None, held, slopes)  # (n, C)
    return torch.from_numpy(np.einsum("nc,nchw->nhw", weights, held))


def placed(library: type[Any], activations: Tensor, gradients: Tensor) -> Tensor:
    """Raw maps (n, h, w) of a class of the library that combines place by place."""
    held, slopes = arrays(activations, gradients)
    return torch.from_numpy(library.get_cam_image(None, None, None, None, held, slopes, False))


@register_combination(
    "hirescam",
    title="HiResCAM",
    paper="arXiv:2011.08891",
    values="what a place adds to the finding's logit, gradient times activation place by place",
)
def hirescam(activations: Tensor, gradients: Tensor) -> Tensor:
    """HiResCAM (Draelos and Carin 2020), in logit units; signed."""
    from pytorch_grad_cam import HiResCAM

    return placed(HiResCAM, activations, gradients)


@register_combination(
    "layercam",
    title="LayerCAM",
    paper="doi:10.1109/TIP.2021.3089943",
    values="activations weighted by their positive gradients only: a place can hardly speak against",
)
def layercam(activations: Tensor, gradients: Tensor) -> Tensor:
    """LayerCAM (Jiang et al. 2021)."""
    from pytorch_grad_cam import LayerCAM

    return placed(LayerCAM, activations, gradients)


@register_combination(
    "gradcam++",
    title="Grad-CAM++",
    paper="arXiv:1710.11063",
    values="activations weighted by positive gradients, small areas counting more; no unit",
)
def gradcam_plus_plus(activations: Tensor, gradients: Tensor) -> Tensor:
    """Grad-CAM++ (Chattopadhyay et al. 2018)."""
    from pytorch_grad_cam import GradCAMPlusPlus

    return weighted(GradCAMPlusPlus, activations, gradients)


@register_combination(
    "xgradcam",
    title="XGrad-CAM",
    paper="arXiv:2008.02312",
    values="activations weighted by gradients where the activation is: what a place adds to the logit",
)
def xgradcam(activations: Tensor, gradients: Tensor) -> Tensor:
    """XGrad-CAM (Fu et al. 2020); signed."""
    from pytorch_grad_cam import XGradCAM

    return weighted(XGradCAM, activations, gradients)


@register_combination(
    "eigencam",
    title="Eigen-CAM",
    paper="doi:10.1109/IJCNN48605.2020.9206626",
    values="what stands out at the target layer, the same for every finding; no unit",
)
def eigencam(activations: Tensor, gradients: Tensor) -> Tensor:
    """The first principal component of the activations (Muhammad and Yeasin 2020); asks for no finding."""
    return principal(activations).expand(len(gradients), -1, -1)


def principal(activations: Tensor) -> Tensor:
    """The first principal component (h, w) of activations (C, h, w), its larger side positive.

    As in the library, whose full decomposition takes ten seconds on a detector's grid.
    """
    places = activations.flatten(1).T  # (C, h * w) -> (h * w, C)
    centered = places - places.mean(0)
    _, _, directions = torch.linalg.svd(centered, full_matrices=False)
    values = (centered @ directions[0]).unflatten(0, activations.shape[1:])
    return -values if values.min().abs() > values.max().abs() else values


def too_few(classifier: Classifier) -> str:
    if len(classifier.entry.findings) > 2:
        return ""
    return "It compares a finding with similar ones, and this model has none to compare with."


@register(
    "finercam",
    title="Finer-CAM",
    paper="arXiv:2501.11309",
    cost="one pass",
    values="what a place adds to the finding's logit beyond what it adds to the three most similar findings",
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
