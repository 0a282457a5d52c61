"""Grad-CAM: activations weighted by their mean gradient (Selvaraju et al. 2017, arXiv:1610.02391)."""

from torch import Tensor

from xray.explain.registry import register_combination


@register_combination(
    "gradcam",
    title="Grad-CAM",
    paper="arXiv:1610.02391",
    values="what a place adds to the finding's logit, every channel weighted by its mean gradient",
)
def gradcam(activations: Tensor, gradients: Tensor) -> Tensor:
    """Raw maps (n, h, w) from activations (C, h, w) and gradients (n, C, h, w); signed, before any ReLU."""
    weights = gradients.mean(dim=(2, 3))  # (n, C)
    return (weights @ activations.flatten(1)).unflatten(1, activations.shape[1:])  # (n, h * w) -> (n, h, w)
