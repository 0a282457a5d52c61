"""Copies of a network that share its tensors: only the parts that are replaced take memory."""

from __future__ import annotations

import copy
from itertools import chain, pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def sharing(module: nn.Module) -> nn.Module:
    """Copy the structure of a network; the copy has the same parameters and buffers."""
    tensors = chain(module.parameters(), module.buffers())
    return copy.deepcopy(module, {id(tensor): tensor for tensor in tensors})


def folded(module: nn.Module) -> nn.Module:
    """Copy a network in evaluation mode, with batch normalization folded into the convolution before it.

    Its outputs are the same up to rounding, in less time. Only pairs in an nn.Sequential are folded; the
    network itself is returned if it has none.
    """
    if not any(_pairs(part) for part in module.modules()):
        return module
    made = sharing(module)
    for part in [part for part in made.modules() if isinstance(part, nn.Sequential)]:
        for place, convolution, normalization in _pairs(part):
            part[place] = fuse_conv_bn_eval(convolution, normalization)
            part[place + 1] = nn.Identity()
    return made


def _pairs(part: nn.Module) -> list[tuple[int, nn.Conv2d, nn.BatchNorm2d]]:
    """Convolutions in an nn.Sequential, with their places, that batch normalization follows."""
    if not isinstance(part, nn.Sequential) or type(part).forward is not nn.Sequential.forward:
        return []
    return [
        (place, layer, following)
        for place, (layer, following) in enumerate(pairwise(part))
        if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d)
    ]
