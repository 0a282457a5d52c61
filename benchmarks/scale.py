"""Cohorts on Ray: films per second with one and two workers, alternating in one run, and the cost of Ray.

python -m benchmarks.scale --json
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pyarrow as pa

from benchmarks.cohort import MODEL, film
from benchmarks.timing import as_text
from xray.access import TERMINAL
from xray.cohort import File, Predictor, folder, ray_engine, run
from xray.cohort.parts import Parts
from xray.models.ensemble import load_model
from xray.pipeline import Request

EMPTY = 20_000  # files that are no films: a row each, and no work
KEPT = 100_000  # rows put in order at the end


def pace(rows: Iterable[object], films: int) -> tuple[float, float]:
    """Films per second from the first row on, and the seconds until the first row."""
    began = time.perf_counter()
    arrived = [time.perf_counter() for _ in rows]
    if len(arrived) != films:
        raise SystemExit(f"{len(arrived)} rows of {films} films.")
    late = [one for one in arrived if one > arrived[0] + 0.05]  # a batch's rows arrive together
    return len(late) / (arrived[-1] - arrived[0]), arrived[0] - began


def engines(model_id: str, films: int, rounds: int) -> dict[str, float]:
    """Medians of the rounds; the load is that of the whole computer, including this benchmark."""
    predictor = Predictor(Request(model_id, None, anyway=True, intervals=False), thumbnails=False)
    with tempfile.TemporaryDirectory() as place:
        for number in range(films):
            (Path(place) / f"{number:05}.png").write_bytes(film(number))
        files = folder(Path(place), TERMINAL)
        calls: dict[str, Callable[[], Iterable[object]]] = {
            "in_process": lambda: run(files, predictor),
            "one_worker": lambda: ray_engine.run(files, predictor, 1),
            "two_workers": lambda: ray_engine.run(files, predictor, 2),
        }
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                seen[name].append(pace(call(), films))
    figures = {
        f"{name}_films_per_s": statistics.median(one for one, _ in values) for name, values in seen.items()
    }
    twice = [two / one for (two, _), (one, _) in zip(seen["two_workers"], seen["one_worker"], strict=True)]
    return figures | {
        "two_to_one_worker": statistics.median(twice),
        "two_to_one_worker_least": min(twice),
        "two_to_one_worker_most": max(twice),
        "seconds_to_first_row": statistics.median(one for _, one in seen["two_workers"]),
        "load_average": os.getloadavg()[0],
    }


def ray_alone() -> dict[str, float]:
    """Rows per second without work in the workers, and the driver's processor time per row."""
    files = [File(f"{number}.png", partial(bytes, b"No film.")) for number in range(EMPTY)]
    began = time.process_time()
    rate, _ = pace(ray_engine.run(files, Predictor(Request(MODEL)), 2), EMPTY)
    spent = time.process_time() - began
    return {"empty_rows_per_s": rate, "driver_cpu_ms_per_row": 1000 * spent / EMPTY}


def put_in_order(model_id: str) -> dict[str, float]:
    """Seconds and Arrow memory of the last step of a cohort, a table of KEPT rows."""
    predictor = Predictor(Request(model_id, None, anyway=True, intervals=False), thumbnails=False)
    rows = predictor([("film.png", film(0))]) * KEPT
    files = [File("film.png", bytes)] * KEPT
    with tempfile.TemporaryDirectory() as place:
        with Parts(Path(place), load_model(model_id).entry, predictor) as parts:
            for row in rows:
                parts.add(row)
        began = time.perf_counter()
        parts.finish(files)
    return {
        "put_in_order_s": time.perf_counter() - began,
        "put_in_order_mib": pa.default_memory_pool().max_memory() / 2**20,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--films", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    figures = engines(arguments.model, arguments.films, arguments.rounds)
    figures |= ray_alone() | put_in_order(arguments.model)
    print(as_text(figures, as_json=arguments.json))


if __name__ == "__main__":
    main()
