"""Network architectures by name. Each is a decorated function that builds a module for K findings.

timm and Ultralytics are imported only by the architectures that use them, to keep start-up short.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from torch import Tensor, nn
from torchvision.models import DenseNet, mobilenet_v2

from xray.errors import ModelUnavailable
from xray.registry import Registry

Builder = Callable[[int], nn.Module]
ARCHITECTURES = Registry[Builder]("architecture", ModelUnavailable)


def build(name: str, findings: int) -> nn.Module:
    """Build a module with random weights: (n, 3, S, S) to logits (n, findings). Raises ModelUnavailable."""
    return ARCHITECTURES[name](findings)


def as_grid(activations: Tensor) -> Tensor:
    """Return a layer's output as (n, C, h, w); the patch tokens of a Transformer (n, T, C) become a grid."""
    if activations.ndim == 4:
        return activations
    side = math.isqrt(activations.shape[1])
    patches = activations[:, -(side * side) :]  # (n, side * side, C)
    return patches.transpose(1, 2).unflatten(2, (side, side))


def last_linear(network: nn.Module) -> nn.Linear:
    """Return the last linear layer of a network, which computes its logits."""
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]


def logits_and_features(network: nn.Module, batch: Tensor) -> tuple[Tensor, Tensor]:
    """Run a network; return the logits (n, K) and the features (n, C) that its last linear layer receives."""
    inputs: list[Tensor] = []
    handle = last_linear(network).register_forward_pre_hook(lambda _module, given: inputs.append(given[0]))
    try:
        logits = network(batch)
    finally:
        handle.remove()
    return logits, inputs[0]


def zero(head: nn.Linear) -> nn.Linear:
    """Set a head to zero.

    With two findings under softmax the logits then stay exact opposites through training, so that a map of
    either explains the log-odds and not a shared offset.
    """
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


@ARCHITECTURES.register("mobilenet_v2")
def mobilenet(findings: int) -> nn.Module:
    """MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381)."""
    module = mobilenet_v2(dropout=0.3)
    module.classifier[1] = zero(nn.Linear(module.last_channel, findings))
    return module


@ARCHITECTURES.register("efficientnet_lite2")
def efficientnet(findings: int) -> nn.Module:
    """EfficientNet-Lite2 (Tan and Le 2019, arXiv:1905.11946; timm's), without squeeze-and-excitation."""
    from timm.models.efficientnet import tf_efficientnet_lite2

    module = tf_efficientnet_lite2(drop_rate=0.3)
    module.classifier = zero(nn.Linear(module.num_features, findings))
    return module


class _DenseNet(DenseNet):
    """DenseNet whose last ReLU is a layer, `features.relu5`, so that heatmaps can be computed after it.

    Before the ReLU, most activations are negative, and Grad-CAM can be negative everywhere.
    """

    def __init__(self) -> None:
        super().__init__(32, (6, 12, 24, 16), 64)
        self.features.add_module("relu5", nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).mean((2, 3)))  # (n, C, h, w) to (n, K)


@ARCHITECTURES.register("densenet121")
def densenet(findings: int) -> nn.Module:
    """DenseNet121 (Huang et al. 2017, arXiv:1608.06993)."""
    module = _DenseNet()
    module.classifier = zero(nn.Linear(module.classifier.in_features, findings))
    return module


@ARCHITECTURES.register("vit_patch16")
def vision_transformer(findings: int) -> nn.Module:
    """A Vision Transformer (Dosovitskiy et al. 2021, arXiv:2010.11929): patches of 16 px, 256 wide, 6 deep.

    The patch embedding is the first layers of a MobileNetV2, since early convolutions help Transformers (Xiao
    et al. 2021, arXiv:2106.14881). The head classifies the mean of the patch tokens; there is no class token.
    Position embeddings are learned at 224 px and interpolated for other sizes.
    """
    from timm.layers import HybridEmbed
    from timm.models.vision_transformer import VisionTransformer

    early = mobilenet_v2().features[:7]  # (n, 3, S, S) to (n, 32, S / 8, S / 8)
    module = VisionTransformer(
        patch_size=2,
        embed_layer=partial(HybridEmbed, early),
        embed_dim=256,
        depth=6,
        num_heads=4,
        class_token=False,
        global_pool="avg",
        drop_path_rate=0.05,
        dynamic_img_size=True,
    )
    module.head = zero(nn.Linear(module.embed_dim, findings))
    return module


@ARCHITECTURES.register("xception_small")
def xception(findings: int) -> nn.Module:
    """Aligned Xception (Chollet 2017, arXiv:1610.02357; timm's), four middle blocks, 3/8 of the channels."""
    from timm.models.xception_aligned import XceptionAligned

    blocks: list[dict[str, Any]] = [
        {"in_chs": 64, "out_chs": 64, "stride": 2},
        {"in_chs": 64, "out_chs": 128, "stride": 2},
        {"in_chs": 128, "out_chs": 272, "stride": 2},
        *([{"in_chs": 272, "out_chs": 272, "stride": 1}] * 4),
        {"in_chs": 272, "out_chs": (272, 384, 384), "stride": 2},
        {"in_chs": 384, "out_chs": (512, 512, 640), "stride": 1, "no_skip": True, "start_with_relu": False},
    ]
    module = XceptionAligned(blocks, drop_rate=0.2)
    module.head.fc = zero(nn.Linear(640, findings))
    return module


@ARCHITECTURES.register("yolov8n")
def yolo(findings: int) -> nn.Module:
    """YOLOv8 nano (Jocher et al. 2023, Ultralytics); a finding's logit is that of its best box."""
    from xray.models.yolo import Yolo

    return Yolo("yolov8n.yaml", findings)


@ARCHITECTURES.register("mobilenet_v2_early")
def early_mobilenet(findings: int) -> nn.Module:
    """The first layers of MobileNetV2 (24 channels, a quarter of the resolution) and their mean."""
    return nn.Sequential(
        OrderedDict(
            features=mobilenet_v2().features[:4],
            pool=nn.AdaptiveAvgPool2d(1),
            flat=nn.Flatten(),
            classifier=zero(nn.Linear(24, findings)),
        )
    )


@ARCHITECTURES.register("cnn")
def custom_cnn(findings: int) -> nn.Module:
    """Three stages of convolution and pooling (32, 64, 128 filters), a dense layer of 256 units."""
    channels = (3, 32, 64, 128)
    stages = [
        nn.Sequential(
            nn.Conv2d(given, filters, 3, padding=1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        for given, filters in pairwise(channels)
    ]
    head = [nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128 * 16, 256), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(
        OrderedDict(
            features=nn.Sequential(*stages),
            head=nn.Sequential(*head),
            classifier=zero(nn.Linear(256, findings)),
        )
    )
