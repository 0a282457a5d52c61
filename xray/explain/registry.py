"""The explanation methods by name, each with its paper and what its values mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from xray.errors import InvalidRequest

Combine = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Method:
    """combine: activations (C, h, w) and gradients (K, C, h, w) to raw maps (K, h, w), signed."""

    name: str
    title: str
    paper: str
    combine: Combine


METHODS: dict[str, Method] = {}


def register(name: str, *, title: str, paper: str) -> Callable[[Combine], Combine]:
    def add(combine: Combine) -> Combine:
        METHODS[name] = Method(name, title, paper, combine)
        return combine

    return add


def method(name: str) -> Method:
    """A registered method. Raises InvalidRequest."""
    if name not in METHODS:
        raise InvalidRequest(
            f"There is no explanation method {name!r}.", hint=f"Known: {', '.join(sorted(METHODS))}."
        )
    return METHODS[name]
