"""Grad-CAM for 14 findings of DenseNet121 in one pass, compared with pytorch-grad-cam.

python -m benchmarks.cam --json
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torchvision.models import densenet121

from benchmarks.timing import main, medians
from xray.explain import trace
from xray.explain.gradcam import gradcam

FINDINGS = 14


def measure(rounds: int, warmup: int) -> dict[str, float]:
    """Return medians in milliseconds and their ratios; every round times all five calls."""
    torch.manual_seed(0)
    module = densenet121()
    module.classifier = nn.Linear(1024, FINDINGS)
    module.eval().to(memory_format=torch.channels_last)  # as in Classifier
    frozen = copy.deepcopy(module).requires_grad_(False)  # only the library needs gradients of parameters
    film = torch.randn(1, 3, 224, 224)

    def forward() -> None:
        with torch.inference_mode():
            frozen(film)

    def ours(findings: int) -> None:
        traced = trace(frozen, frozen.features, film)
        gradcam(traced.activations, traced.gradients[:findings])

    def library(findings: int) -> None:
        with GradCAM(module, [module.features]) as cam:
            for finding in range(findings):
                cam(film, [ClassifierOutputTarget(finding)])

    timed: dict[str, Callable[[], object]] = {
        "forward_ms": forward,
        "ours_1_ms": lambda: ours(1),
        "ours_14_ms": lambda: ours(FINDINGS),
        "library_1_ms": lambda: library(1),
        "library_14_ms": lambda: library(FINDINGS),
    }
    figures = medians(timed, rounds, warmup)
    return figures | {
        "ours_14_to_forward": figures["ours_14_ms"] / figures["forward_ms"],
        "library_1_to_ours_1": figures["library_1_ms"] / figures["ours_1_ms"],
        "library_14_to_ours_14": figures["library_14_ms"] / figures["ours_14_ms"],
    }


if __name__ == "__main__":
    main(measure, __doc__, rounds=15, warmup=2)
