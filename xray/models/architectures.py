"""Networks by name. A newcomer is one decorated function: number of findings K in, a module out."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn
from torchvision.models import mobilenet_v2

from xray.errors import ModelUnavailable

Builder = Callable[[int], nn.Module]
ARCHITECTURES: dict[str, Builder] = {}


def register(name: str) -> Callable[[Builder], Builder]:
    def add(builder: Builder) -> Builder:
        ARCHITECTURES[name] = builder
        return builder

    return add


def build(name: str, findings: int) -> nn.Module:
    """A module with random weights: (n, 3, S, S) to logits (n, findings). Raises ModelUnavailable."""
    if name not in ARCHITECTURES:
        raise ModelUnavailable(
            f"There is no architecture {name!r}.", hint=f"Known: {', '.join(sorted(ARCHITECTURES))}."
        )
    return ARCHITECTURES[name](findings)


@register("mobilenet_v2")
def mobilenet(findings: int) -> nn.Module:
    """MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) whose head starts at zero.

    With two findings under softmax the two logits then stay exact opposites through training,
    so a map of either one explains the log-odds, not a shared offset.
    """
    module = mobilenet_v2(dropout=0.3)
    module.classifier[1] = nn.Linear(module.last_channel, findings)
    nn.init.zeros_(module.classifier[1].weight)
    nn.init.zeros_(module.classifier[1].bias)
    return module
