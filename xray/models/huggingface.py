"""Image classifiers of the Hugging Face Hub: safetensors of a fixed commit, with their own preprocessing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from xray.errors import ModelUnavailable
from xray.models.fetched import WEIGHTS, library, not_fetched, verified
from xray.models.registry import ModelEntry
from xray.settings import settings

PREPARATION = "preprocessor_config.json"
FILES = (WEIGHTS, "config.json", PREPARATION)


class Prepared(nn.Module):
    """Wrap a transformers classifier: films (n, 3, S, S) in [-1, 1] to logits (n, K)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: nn.Module, mean: list[float], deviation: list[float]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None])

    def forward(self, batch: Tensor) -> Tensor:
        """Compute logits (n, K)."""
        films = (batch + 1) / 2
        return self.network((films - self.mean) / self.deviation).logits


def module_of(entry: ModelEntry) -> nn.Module:
    """Load the network of a fetched entry.

    Raises:
        ModelUnavailable: The files are missing, damaged or no image classifier.
    """
    module, _ = _read(verified(entry), entry)
    return module


def fetch(entry: ModelEntry, folder: Path) -> dict[str, Any]:
    """Download the files of an entry into a folder.

    Returns:
        Facts of the entry that these files determine, by field.

    Raises:
        ModelUnavailable: The files cannot be downloaded or are no image classifier.
    """
    library("transformers")
    revision = _download(entry, folder)
    module, side = _read(folder, entry)
    config: Any = module.network.config
    labels = _labels(module.network)
    several = config.problem_type == "multi_label_classification" or len(labels) == 1
    return {
        "findings": entry.findings or labels,
        "thresholds": entry.thresholds or (0.5,) * len(labels),
        "activation": "sigmoid" if several else "softmax",
        "input_size": side,
        "target_layer": _target_layer(module, side, entry),
        "revision": revision,
    }


def _download(entry: ModelEntry, folder: Path) -> str:
    """Download the files of an entry's revision into a folder and return their commit."""
    hub = library("huggingface_hub")
    errors = library("huggingface_hub.errors")
    try:
        found = hub.HfApi(token=False).model_info(
            entry.source, revision=entry.revision or None, timeout=settings().fetch_timeout
        )
        missing = set(FILES) - {file.rfilename for file in found.siblings}
        if missing:
            raise ModelUnavailable(
                f"{entry.source} has no {' and no '.join(sorted(missing))}.",
                hint="Only safetensors are loaded, never pickles (.bin, .pt): those can run code.",
            )
        for name in FILES:
            hub.hf_hub_download(
                entry.source,
                name,
                revision=found.sha,
                local_dir=folder,
                etag_timeout=settings().fetch_timeout,
                token=False,
            )
    except (errors.HTTPError, errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise not_fetched(entry, error) from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return found.sha


def _read(folder: Path, entry: ModelEntry) -> tuple[Prepared, int]:
    """The network in a folder and the side of its input in pixels. Raises ModelUnavailable."""
    transformers = library("transformers")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        network, loading = transformers.AutoModelForImageClassification.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            attn_implementation="eager",  # its backward pass runs for all findings at once
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        raise _unfit(entry, "is no image classifier that transformers can build") from error
    if loading["missing_keys"]:
        raise _unfit(entry, f"has no weights for {min(loading['missing_keys'])}")
    labels = _labels(network)
    if entry.findings and [name.casefold() for name in entry.findings] != [
        name.casefold() for name in labels
    ]:
        raise ModelUnavailable(
            f"{entry.source} reports {', '.join(labels)}, unlike the registry.",
            hint=f"Correct the findings of {entry.id} in the registry.",
        )
    side, mean, deviation = _preparation(folder, entry)
    return Prepared(network, mean, deviation), side


def _labels(network: Any) -> list[str]:
    return [network.config.id2label[index] for index in range(network.config.num_labels)]


def _preparation(folder: Path, entry: ModelEntry) -> tuple[int, list[float], list[float]]:
    """Side of the input, mean and deviation of its three channels, from the preprocessing configuration."""
    try:
        config = json.loads((folder / PREPARATION).read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unfit(entry, "has no readable preprocessing configuration") from error
    size = config.get("crop_size" if config.get("do_center_crop") else "size")
    sides = set(size.values()) if isinstance(size, dict) else {size}
    if len(sides) != 1 or not isinstance(side := sides.pop(), int):
        raise _unfit(entry, f"has an input size of {size}, which is not square")
    if not config.get("do_rescale", True) or abs(config.get("rescale_factor", 1 / 255) * 255 - 1) > 1e-6:
        raise _unfit(entry, "needs films that are not scaled to [0, 1]")
    if not config.get("do_normalize", True):
        return side, [0.0] * 3, [1.0] * 3
    mean, deviation = config.get("image_mean"), config.get("image_std")
    if not mean or not deviation or len(mean) != 3 or len(deviation) != 3:
        raise _unfit(entry, "has no mean and deviation for three channels")
    return side, mean, deviation


def _target_layer(module: Prepared, side: int, entry: ModelEntry) -> str:
    """Name of a Transformer's norm before the last attention, or of the last layer with a grid as output."""
    grids: list[str] = []

    def collect(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
                grids.append(name)

        return hook

    handles = [layer.register_forward_hook(collect(name)) for name, layer in module.named_modules()]
    try:
        with torch.inference_mode():
            module.eval()(torch.zeros(1, 3, side, side))
    except (RuntimeError, ValueError, TypeError) as error:
        raise _unfit(entry, f"does not accept films of {side} x {side} px") from error
    finally:
        for handle in handles:
            handle.remove()
    norms = [name for name, _ in module.named_modules() if name.endswith("layernorm_before")]
    if not norms and not grids:
        raise _unfit(entry, "has no layer whose output is a grid")
    return (norms or grids)[-1]


def _unfit(entry: ModelEntry, reason: str) -> ModelUnavailable:
    return ModelUnavailable(f"{entry.source} {reason}.", hint="Choose another image classifier.")
