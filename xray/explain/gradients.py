"""Gradients of the film's pixels: integrated gradients, computed by captum, and SmoothGrad."""

from __future__ import annotations

import torch
from torch import Tensor

from xray.explain.perturbed import mean_gray
from xray.explain.registry import ExplainRequest, register

STEPS = 32  # of integrated gradients, by Gauss-Legendre quadrature
SAMPLES, NOISE = 16, 0.15  # of SmoothGrad; noise as a share of the film's range
BATCH = 8  # films per pass


@register(
    "integrated-gradients",
    title="Integrated gradients",
    paper="arXiv:1703.01365",
    cost="tens of passes",
    values="contribution of a pixel to the finding's logit, compared with a constant gray film",
    on_film=True,
)
def integrated_gradients(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w), signed, with the film's mean as baseline (Sundararajan et al. 2017)."""
    from captum.attr import IntegratedGradients  # takes a second

    gray = mean_gray(request.batch).expand_as(request.batch)
    maps = []
    for number, finding in enumerate(request.findings):
        with request.classifier.lock, torch.enable_grad():
            attributions = IntegratedGradients(request.classifier.module).attribute(
                request.batch, gray, target=finding, n_steps=STEPS, internal_batch_size=BATCH
            )
        maps.append(attributions.detach()[0].sum(0))  # (3, h, w) -> (h, w)
        request.progress((number + 1) / len(request.findings))
    return torch.stack(maps)


@register(
    "smoothgrad",
    title="SmoothGrad",
    paper="arXiv:1706.03825",
    cost="tens of passes",
    values="sensitivity of the finding's logit to a pixel, in either direction; never negative",
    on_film=True,
)
def smoothgrad(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w): the magnitude of the mean gradient under noise (Smilkov et al. 2017)."""
    deviation = float(NOISE * (request.batch.max() - request.batch.min()))
    maps = []
    for number, finding in enumerate(request.findings):
        generator, total = torch.Generator().manual_seed(0), torch.zeros_like(request.batch[0])
        for _ in range(0, SAMPLES, BATCH):
            noise = torch.randn((BATCH, *request.batch.shape[1:]), generator=generator) * deviation
            films = (request.batch + noise.to(request.batch.device)).requires_grad_()
            with request.classifier.lock, torch.enable_grad():
                logits = request.classifier.module(films)[:, finding]
                total += torch.autograd.grad(logits.sum(), films)[0].sum(0)
        maps.append((total / SAMPLES).sum(0).abs())  # (3, h, w) -> (h, w)
        request.progress((number + 1) / len(request.findings))
    return torch.stack(maps)
