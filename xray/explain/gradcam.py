"""Grad-CAM: activations weighted by their mean gradient (Selvaraju et al. 2017, arXiv:1610.02391)."""

from torch import Tensor

from xray.explain.registry import register


@register("gradcam", title="Grad-CAM", paper="arXiv:1610.02391")
def gradcam(activations: Tensor, gradients: Tensor) -> Tensor:
    """Raw maps (K, h, w) from activations (C, h, w) and gradients (K, C, h, w); signed, before any ReLU."""
    weights = gradients.mean(dim=(2, 3))  # (K, C)
    return (weights @ activations.flatten(1)).unflatten(1, activations.shape[1:])  # (K, h * w) -> (K, h, w)
