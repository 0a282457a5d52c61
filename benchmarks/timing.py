"""Timing of several calls in alternation, so that drift affects all equally."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping


def medians(timed: Mapping[str, Callable[[], object]], rounds: int, warmup: int) -> dict[str, float]:
    """Median of every call in milliseconds; each round makes every call once."""
    seen: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(warmup + rounds):
        for name, call in timed.items():
            began = time.perf_counter()
            call()
            if number >= warmup:
                seen[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(values) for name, values in seen.items()}


def as_text(figures: Mapping[str, float], *, as_json: bool) -> str:
    """Format figures as JSON, or one per line."""
    if as_json:
        return json.dumps(dict(figures), indent=2)
    return "\n".join(f"{name:24} {value:10.2f}" for name, value in figures.items())
