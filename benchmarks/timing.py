"""Timing of several calls in alternation, so that drift affects all equally."""

from __future__ import annotations

import argparse
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


def main(
    measure: Callable[[int, int], Mapping[str, float]], description: str | None, rounds: int, warmup: int
) -> None:
    """Run a benchmark from the command line and print its figures.

    Args:
        measure: Measures with a number of rounds and of rounds that do not count.
        description: Description of the benchmark.
        rounds: Rounds by default.
        warmup: Rounds that do not count, by default.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--warmup", type=int, default=warmup)
    given = parser.parse_args()
    print(as_text(measure(given.rounds, given.warmup), as_json=given.json))
