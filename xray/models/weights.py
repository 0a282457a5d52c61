"""Weights are facts: safetensors whose sha256 stands in the registry and is checked before loading."""

from __future__ import annotations

import hashlib

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from xray.errors import ModelUnavailable
from xray.models.registry import ModelEntry
from xray.settings import settings


def load_weights(module: nn.Module, entry: ModelEntry) -> None:
    """Fill a module with an entry's weights, strictly. Raises ModelUnavailable: missing, altered, misfit."""
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
    """The tensors of safetensors bytes by name, floats in single precision."""
    return {name: _cast(value, torch.float32) for name, value in safetensors.torch.load(content).items()}


def encode_weights(module: nn.Module, precision: torch.dtype = torch.float16) -> bytes:
    """A module's tensors as safetensors bytes, floats in the given precision."""
    state = module.state_dict()
    return safetensors.torch.save(
        {name: _cast(value, precision).contiguous() for name, value in state.items()}
    )


def _cast(value: Tensor, precision: torch.dtype) -> Tensor:
    return value.to(precision) if value.is_floating_point() else value
