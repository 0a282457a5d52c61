"""Grad-CAM: activations weighted by their mean gradient (Selvaraju et al. 2017, arXiv:1610.02391)."""

from torch import Tensor

from xray.explain.registry import register_combination


@register_combination(
    "gradcam",
    title="Grad-CAM",
    paper="arXiv:1610.02391",
    values="contribution of a location to the finding's logit; channels are weighted by their mean gradient",
)
def gradcam(activations: Tensor, gradients: Tensor) -> Tensor:
    """Combine activations and gradients into raw maps.

    Args:
        activations: (C, h, w), of the target layer.
        gradients: (n, C, h, w), of each finding's logit.

    Returns:
        Raw maps (n, h, w) in logit units; signed, before any ReLU.
    """
    weights = gradients.mean(dim=(2, 3))  # (n, C)
    return (weights @ activations.flatten(1)).unflatten(1, activations.shape[1:])  # (n, h * w) -> (n, h, w)
