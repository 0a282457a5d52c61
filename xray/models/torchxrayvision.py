"""Chest networks of TorchXRayVision (Cohen et al. 2022, arXiv:2111.00595).

The weights are downloaded as a pickle, which torch reads without executing code, and stored as safetensors.
"""

from __future__ import annotations

import logging
import pickle
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn
from torchvision.models import resnet50

from xray.errors import ModelUnavailable
from xray.models.fetched import WEIGHTS, library, not_fetched, verified
from xray.models.registry import ModelEntry
from xray.settings import settings


class Selected(nn.Module):
    """Select the trained outputs of a network: films (n, 1, S, S) to logits (n, K)."""

    def __init__(self, network: nn.Module, outputs: list[int]) -> None:
        super().__init__()
        self.network = network
        self.outputs = outputs

    def forward(self, films: Tensor) -> Tensor:
        """Compute logits (n, K)."""
        return self.network(films)[:, self.outputs]


def module_of(entry: ModelEntry) -> nn.Module:
    """Load the network of a fetched entry; its outputs are raw logits.

    Raises:
        ModelUnavailable: The file is missing, damaged or does not fit.
    """
    folder = verified(entry)
    module = _untrained(entry)
    _fill(module.network, safetensors.torch.load((folder / WEIGHTS).read_bytes()), entry)
    return module


def fetch(entry: ModelEntry, folder: Path) -> dict[str, Any]:
    """Download the weights of an entry into a folder, as safetensors.

    The sha256 of the downloaded file is checked before the file is opened: it must be the revision of the
    entry, which is the published one or, if none is known, the one of the first download.

    Raises:
        ModelUnavailable: The weights cannot be downloaded, are another file, or do not fit.
    """
    import pooch
    import requests

    module = _untrained(entry)
    pooch.get_logger().setLevel(logging.CRITICAL)
    try:
        path = pooch.retrieve(
            url=_listed(entry)["weights_url"],
            known_hash=f"sha256:{entry.revision}" if entry.revision else None,
            fname="download.pt",
            path=folder.parent,
            downloader=pooch.HTTPDownloader(progressbar=False, timeout=settings().fetch_timeout),
        )
    except requests.RequestException as error:
        raise not_fetched(entry, error) from error
    except ValueError as error:
        raise ModelUnavailable(
            f"The server sent another file for {entry.source}: its sha256 differs.",
            hint="It is not opened; try again later or choose another model.",
        ) from error
    _fill(module.network, _tensors(Path(path), entry), entry)
    safetensors.torch.save_file(module.network.state_dict(), folder / WEIGHTS)
    return {"revision": pooch.file_hash(path)}


def _listed(entry: ModelEntry) -> dict[str, Any]:
    """Facts of the library on a model: labels of all outputs and URL of the weights."""
    known = library("torchxrayvision").models.model_urls
    if entry.source not in known:
        raise ModelUnavailable(
            f"TorchXRayVision has no weights {entry.source!r}.", hint=f"It has: {', '.join(sorted(known))}."
        )
    return known[entry.source]


def _untrained(entry: ModelEntry) -> Selected:
    labels = [_normalized(label) for label in _listed(entry)["labels"]]
    findings = [_normalized(finding) for finding in entry.findings]
    if unknown := set(findings) - set(labels):
        raise ModelUnavailable(
            f"{entry.source} does not report {', '.join(sorted(unknown))}.",
            hint="Install the versions of requirements-extra.txt.",
        )
    if entry.source.startswith("resnet50"):
        network = resnet50(num_classes=len(labels))
        network.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    else:
        network = library("torchxrayvision").models.DenseNet(num_classes=len(labels))
    return Selected(network, [labels.index(finding) for finding in findings])


def _normalized(label: str) -> str:
    return label.replace("_", " ").casefold()


def _tensors(path: Path, entry: ModelEntry) -> dict[str, Tensor]:
    """Read the tensors of a pickle, or of a pickled network, by name; no code in it is executed."""
    models = library("torchxrayvision").models
    parts = [models.DenseNet, models._DenseBlock, models._DenseLayer, models._Transition]
    layers = [nn.Sequential, nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.Linear, set]
    try:
        with torch.serialization.safe_globals([*parts, *layers]):
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ModelUnavailable(
            f"The file of {entry.id} is damaged or holds more than weights, which could run code.",
            hint="It is not opened; choose another model.",
        ) from error
    return loaded.state_dict() if isinstance(loaded, nn.Module) else loaded


def _fill(network: nn.Module, tensors: dict[str, Tensor], entry: ModelEntry) -> None:
    try:
        network.load_state_dict({name: tensor for name, tensor in tensors.items() if name != "op_threshs"})
    except (RuntimeError, AttributeError, TypeError) as error:
        raise ModelUnavailable(
            f"The weights of {entry.id} do not fit {entry.source}.",
            hint="Install the versions of requirements-extra.txt and fetch it again.",
        ) from error
