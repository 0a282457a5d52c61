"""Explanation methods of other installed packages, found by the entry point group `xray.methods`.

An entry point names a module; its import registers methods with xray.explain.registry.register or
register_combination. docs/examples/method is a package to start from.
"""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points

import torch
from torch import Tensor

from xray.errors import MethodFailed, XrayError
from xray.explain.registry import METHODS, ExplainRequest, Method

GROUP = "xray.methods"
LOG = logging.getLogger(__name__)


def register_installed() -> tuple[str, ...]:
    """Register the methods of all installed packages, by name of the entry point.

    Returns:
        A sentence for each entry point that cannot be loaded. Nothing that it registered remains.
    """
    problems = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            with METHODS.undone_after_failure():
                point.load()
        except Exception as error:  # noqa: BLE001 - the module of another package can raise any error
            LOG.warning("%s", problem := _problem(point, error))
            problems.append(problem)
    return tuple(problems)


def checked_maps(method: Method, request: ExplainRequest) -> Tensor:
    """Run a method of another package and check its maps (n, h, w).

    Raises:
        MethodFailed: It raises an error, or returns no finite map for every finding.
    """
    title = f"{method.title} of {method.package}"
    hint = f"Choose another method, or correct or uninstall the package {method.package}."
    try:
        maps = method.explain(request)
    except (XrayError, InterruptedError):  # the second: progress stopped the work
        raise
    except Exception as error:
        raise MethodFailed(f"{title} failed with {_named(error)}.", hint) from error
    expected = len(request.findings)
    if not isinstance(maps, Tensor) or maps.ndim != 3 or len(maps) != expected or not maps.numel():
        shape = tuple(maps.shape) if isinstance(maps, Tensor) else type(maps).__name__
        raise MethodFailed(f"{title} returned {shape} instead of {expected} maps (n, h, w).", hint)
    if not torch.isfinite(maps).all():
        raise MethodFailed(f"{title} returned values that are not finite.", hint)
    return maps


def _problem(point: EntryPoint, error: Exception) -> str:
    package = f"{point.dist.name} {point.dist.version}" if point.dist else point.module
    message = f"The explanation methods of {package} ({point.value}) cannot be loaded: {_named(error)}."
    return str(MethodFailed(message, "Correct, update or uninstall the package."))


def _named(error: Exception) -> str:
    """The type and the message of an error, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".: ")
