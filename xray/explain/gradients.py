"""Gradients on the film itself, by captum: integrated gradients and SmoothGrad.

Captum takes a second to import, so each method imports it when it runs.
"""

from __future__ import annotations

import torch
from torch import Tensor

from xray.explain.perturbed import hidden
from xray.explain.registry import ExplainRequest, register

STEPS = 32  # of integrated gradients, by Gauss-Legendre quadrature
SAMPLES, NOISE = 16, 0.15  # of SmoothGrad; noise as a share of the film's range
BATCH = 8


@register(
    "integrated-gradients",
    title="Integrated gradients",
    paper="arXiv:1703.01365",
    cost="tens of passes",
    values="what a pixel adds to the finding's logit, from an even gray film to this one",
    on_film=True,
)
def integrated_gradients(request: ExplainRequest) -> Tensor:
    """Raw maps (n, h, w) from the film's mean gray to the film (Sundararajan et al. 2017); signed."""
    from captum.attr import IntegratedGradients

    gray = hidden(request.batch).expand_as(request.batch)
    maps = []
    for number, finding in enumerate(request.findings):
        with request.classifier.lock, torch.enable_grad():
            shares = IntegratedGradients(request.classifier.module).attribute(
                request.batch, gray, target=finding, n_steps=STEPS, internal_batch_size=BATCH
            )
        maps.append(shares.detach()[0].sum(0))  # (3, h, w) -> (h, w)
        request.progress((number + 1) / len(request.findings))
    return torch.stack(maps)


@register(
    "smoothgrad",
    title="SmoothGrad",
    paper="arXiv:1706.03825",
    cost="tens of passes",
    values="how strongly the finding's logit reacts when a pixel changes, either way; never negative",
    on_film=True,
)
def smoothgrad(request: ExplainRequest) -> Tensor:
    """Raw maps (n, h, w): the size of the mean gradient under noise (Smilkov et al. 2017)."""
    from captum.attr import NoiseTunnel, Saliency

    spread = float(NOISE * (request.batch.max() - request.batch.min()))
    maps = []
    for number, finding in enumerate(request.findings):
        with request.classifier.lock, torch.enable_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            slopes = NoiseTunnel(Saliency(request.classifier.module)).attribute(
                request.batch,
                nt_samples=SAMPLES,
                nt_samples_batch_size=BATCH,
                stdevs=spread,
                target=finding,
                abs=False,
            )
        maps.append(slopes.detach()[0].sum(0).abs())
        request.progress((number + 1) / len(request.findings))
    return torch.stack(maps)
