"""Random numbers from an explicit generator in code that has no parameter for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Seeded(TorchDispatchMode):
    """In-place random operations of the current thread use a generator instead of the global one.

    Args:
        generator: Generator on the device of the tensors.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self._generator = generator

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation, with the generator if it accepts one.

        Raises:
            NotImplementedError: If a random operation accepts no generator.
        """
        given = dict(kwargs or {})
        if any(argument.name == "generator" for argument in func._schema.arguments):  # type: ignore[attr-defined]
            given["generator"] = self._generator
        elif torch.Tag.nondeterministic_seeded in func.tags:  # type: ignore[attr-defined]
            raise NotImplementedError(f"{func} does not accept a generator")
        return func(*args, **given)
