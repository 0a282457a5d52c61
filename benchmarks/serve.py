"""The REST API and the dashboard in one process under load, compared with the model alone in the same run.

python -m benchmarks.serve --json
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import numpy as np
import torch

from benchmarks.cohort import film
from benchmarks.dashboard import uploaded
from benchmarks.serving import Server, drive, plain, serving
from benchmarks.timing import as_text, medians
from xray.io import read_radiograph
from xray.models.ensemble import load_model
from xray.pipeline import Request, analyze

PARTS = ("throughput", "batching", "stop", "memory", "dashboard")
CLIENTS = (1, 8, 32)
LEAN = {"method": "none", "intervals": "false"}  # what the bare model is asked: an answer and nothing else
MAPS = {"intervals": "false"}


def throughput(films: list[bytes], rounds: int) -> dict[str, float]:
    """Each round runs every load once, so that other load affects all equally.

    answers: what the bare model gives, and the gate. cases: all there is. cpu: the share by processor time,
    which other people's load hardly moves. p50, p95, p99: how many films the bare model does in that time.
    """
    model = load_model()
    case = partial(analyze, request=Request(anyway=True))
    seen: dict[str, list[float]] = {}
    with serving() as server:
        drive(server, films[:8], 8, anyway="true", **LEAN)
        plain(model.logits, films[:4])
        for _ in range(rounds):
            bare, whole = plain(model.logits, films), plain(case, films[::4])
            for clients in CLIENTS:
                lean = drive(server, films, clients, anyway="true", **LEAN)
                full = drive(server, films[::2], clients, anyway="true")
                p50, p95, p99 = np.percentile(lean.seconds, (50, 95, 99)) * bare.films
                for name, value in {
                    "answers_to_bare": lean.films / bare.films,
                    "answers_to_bare_cpu": bare.cpu / lean.cpu,
                    "cases_to_pipeline": full.films / whole.films,
                    "cases_to_pipeline_cpu": whole.cpu / full.cpu,
                    "answer_p50_in_bare_films": p50,
                    "answer_p95_in_bare_films": p95,
                    "answer_p99_in_bare_films": p99,
                }.items():
                    seen.setdefault(f"{name}_{clients}", []).append(float(value))
    return {name: statistics.median(values) for name, values in seen.items()}


def batching(films: list[bytes], rounds: int) -> dict[str, float]:
    """Eight films in one pass relative to one by one, and a pass relative to a Case: the gain of batches."""
    model = load_model().members[0]
    radiographs = [read_radiograph(data, "film.png") for data in films[:8]]
    batches = [model.prepare(one)[0] for one in radiographs]

    def answer(some: list[torch.Tensor]) -> None:
        with torch.inference_mode():
            for one in some:
                model.module(one)

    timed = medians(
        {
            "single": lambda: answer(batches),
            "batched": lambda: answer([torch.cat(batches)]),
            "case": lambda: [analyze(one, Request(anyway=True)) for one in radiographs],
        },
        rounds,
        warmup=1,
    )
    return {
        "batched_to_single": timed["batched"] / timed["single"],
        "pass_to_case": timed["single"] / timed["case"],
    }


def growth(films: list[bytes], requests: int) -> dict[str, float]:
    """Memory of the server after all requests relative to a quarter of them, when caches are full."""
    with serving() as server:
        many = (films * (requests // len(films) + 1))[:requests]
        drive(server, many[: requests // 4], 8, anyway="true", **MAPS)
        early = server.memory()
        drive(server, many[requests // 4 :], 8, anyway="true", **MAPS)
        return {"requests": requests, "memory_late_to_early": server.memory() / early}


def stopped(films: list[bytes], clients: int = 8) -> dict[str, float]:
    """SIGTERM under load. begun: requests the server completed; lost: requests without a response."""
    answered: set[str] = set()
    turned_away = 0

    def one(number: int, server: Server) -> None:
        nonlocal turned_away
        with httpx.Client(timeout=120) as client:
            for turn in range(1000):
                id = f"client-{number}-{turn}"
                files = {"files": ("film.png", films[turn % len(films)])}
                try:
                    answer = client.post(
                        f"{server.address}/api/analyze", files=files, headers={"X-Request-ID": id}
                    )
                except httpx.TransportError:
                    turned_away += 1
                    return
                if answer.status_code in (200, 422) and answer.json():
                    answered.add(id)

    with serving() as server, ThreadPoolExecutor(clients) as pool:
        working = [pool.submit(one, number, server) for number in range(clients)]
        while len(answered) < 3 * clients:
            time.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        for each in working:
            each.result()
        server.process.wait(60)
        begun = set(re.findall(r"(client-\d+-\d+) POST", server.log.read_text()))
    return {"begun": len(begun), "lost": len(begun - answered), "turned_away": turned_away}


def together(films: list[bytes]) -> dict[str, float]:
    """Browser sessions that upload a film to the dashboard, alone and while 8 clients use the API."""
    found: dict[str, float] = {}
    with serving("--dashboard") as server, ThreadPoolExecutor(max(CLIENTS)) as pool:

        def sessions(number: int) -> float:
            began = time.perf_counter()
            list(pool.map(partial(uploaded, server.address), films[:number]))
            return (time.perf_counter() - began) / number

        sessions(1)
        alone = {number: sessions(number) for number in CLIENTS}
        found |= {f"session_{number}_to_1": value / alone[1] for number, value in alone.items()}
        with ThreadPoolExecutor(1) as other:
            load = other.submit(drive, server, films, 8, anyway="true", **LEAN)
            found["session_under_load_to_alone"] = sessions(1) / alone[1]
            load.result()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part; can be repeated")
    parser.add_argument("--films", type=int, default=96, help="films for the throughput")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=2000, help="requests for the memory")
    arguments = parser.parse_args()
    films = [film(number) for number in range(arguments.films)]
    parts = {
        "throughput": partial(throughput, films, arguments.rounds),
        "batching": partial(batching, films, arguments.rounds),
        "stop": partial(stopped, films),
        "memory": partial(growth, films, arguments.requests),
        "dashboard": partial(together, films),
    }
    figures: dict[str, float] = {}
    for name in arguments.part or PARTS:
        figures |= parts[name]()
    print(as_text(figures, as_json=arguments.json))


if __name__ == "__main__":
    main()
