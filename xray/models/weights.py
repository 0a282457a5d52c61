"""Networks with their weights: safetensors whose sha256 is checked against the registry before loading."""

from __future__ import annotations

import hashlib

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from xray.errors import ModelUnavailable
from xray.models import huggingface, torchxrayvision
from xray.models.architectures import build
from xray.models.registry import ModelEntry, SegmentationEntry
from xray.settings import settings


def module_of(entry: ModelEntry) -> nn.Module:
    """Build the network of an entry with its weights: films to logits (n, K). Raises ModelUnavailable."""
    if entry.kind == "torchxrayvision":
        return torchxrayvision.module_of(entry)
    if entry.kind == "huggingface":
        return huggingface.module_of(entry)
    module = build(entry.architecture, len(entry.findings))
    load_weights(module, entry)
    fuse = getattr(module, "fuse", None)  # of YOLO: merges each batch normalization into its convolution
    if fuse:
        fuse(verbose=False)
    return module


def load_weights(module: nn.Module, entry: ModelEntry | SegmentationEntry) -> None:
    """Load an entry's weights into a module. Raises ModelUnavailable if missing, altered or unfit."""
    path = settings().weights_dir / entry.weights
    restore = f"Restore weights/{entry.weights} from the repository, or run: python -m xray train {entry.id}."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"The weights of {entry.id} are missing.", hint=restore) from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise ModelUnavailable(f"{entry.weights} is not the file that the registry names.", hint=restore)
    try:
        module.load_state_dict(decode_weights(content))
    except (SafetensorError, RuntimeError) as error:
        raise ModelUnavailable(f"{entry.weights} does not fit {entry.architecture}.", hint=restore) from error


def decode_weights(content: bytes) -> dict[str, Tensor]:
    """Return the tensors of safetensors bytes by name, floats in single precision."""
    tensors = safetensors.torch.load(content)
    return {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}


def encode_weights(module: nn.Module) -> bytes:
    """Encode a module's tensors as safetensors, floats in half precision if they are within its range."""
    return safetensors.torch.save({name: _halved(value) for name, value in module.state_dict().items()})


def _halved(value: Tensor) -> Tensor:
    halved = value.half() if value.is_floating_point() else value
    return (halved if halved.isfinite().all() else value).contiguous()
