"""Networks of TorchXRayVision with random weights."""

from functools import cache as once

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import resnet50

from xray.models.registry import listed_public
from xray.types import Radiograph

xrv = pytest.importorskip("torchxrayvision")
ENTRIES = [one for one in listed_public().values() if one.kind == "torchxrayvision"]


def film(side: int = 224) -> Radiograph:
    return Radiograph(np.random.default_rng(0).random((side, side), np.float32), "noise.png")


def settled(network: nn.Module, head: nn.Linear, bias: float) -> nn.Module:
    """Random weights with activations of constant scale and logits on both sides of a bias."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.from_numpy(xrv.utils.normalize(film(128).pixels, 1)).expand(2, 1, -1, -1))
    nn.init.normal_(head.bias, mean=bias, std=2)
    return network.eval()


@once
def densenet() -> nn.Module:
    torch.manual_seed(0)
    network = xrv.models.DenseNet(num_classes=18)
    nn.init.normal_(network.features.norm5.bias)
    return settled(network, network.classifier, -4)


def one_channel_resnet() -> nn.Module:
    torch.manual_seed(0)
    network = resnet50(num_classes=18)
    network.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    return settled(network, network.fc, 0)
