"""Input times gradient, an example of an explanation method in a package of its own."""

import torch
from torch import Tensor

from xray.explain.registry import ExplainRequest, register


@register(
    "input-gradient",
    title="Input x gradient",
    paper="arXiv:1605.01713",
    cost="one pass",
    values="pixel of the prepared film times the gradient of the finding's logit there",
    on_film=True,
)
def input_gradient(request: ExplainRequest) -> Tensor:
    """Raw maps (n, h, w) in logit units, summed over the channels of the input."""
    film = request.batch.clone().requires_grad_()  # (1, 3, h, w); the batch of the request stays as it is
    with request.classifier.lock, torch.enable_grad():
        logits = request.classifier.module(film)[0, list(request.findings)]  # (n)
        gradients = [torch.autograd.grad(logit, film, retain_graph=True)[0][0] for logit in logits]
    return (torch.stack(gradients) * request.batch[0]).sum(1)
