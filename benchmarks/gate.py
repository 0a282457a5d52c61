"""Where the time of an answer with the input gate goes: processor time per film of each step, in one run.

python -m benchmarks.gate --json
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.cohort import MODEL, film
from benchmarks.timing import as_text
from xray.io import read_radiograph
from xray.models.classifier import load_classifier
from xray.models.ensemble import load_model
from xray.models.gate import GATE, check_input, kind_by_pixels
from xray.models.gate.familiarity import feature_bank

SAMPLES = 2000  # of the bootstrap over rounds


def measured(model_id: str, films: int, rounds: int) -> dict[str, float]:
    """Medians over rounds, which alternate the steps, with 95% bootstrap intervals of the shares."""
    model, gate = load_model(model_id), load_classifier(GATE)
    contents = [film(number) for number in range(films)]
    read = [read_radiograph(data, "film.png") for data in contents]
    bank, features = feature_bank(gate.entry), gate.logits_and_features(read[0])[1]
    steps: dict[str, Callable[[int], object]] = {
        "read": lambda at: read_radiograph(contents[at], "film.png"),
        "model": lambda at: model.logits(read[at]),
        "gate": lambda at: check_input(read[at], model.entry),
        "gate_pixel_rules": lambda at: kind_by_pixels(read[at].pixels),
        "gate_network": lambda at: gate.logits_and_features(read[at]),
        "gate_network_not_folded": lambda at: gate.logits(read[at]),
        "gate_distances": lambda at: bank.distances(features),
    }
    spent = {name: np.zeros(rounds) for name in steps}
    for turn in range(-1, rounds):  # the first one is not counted
        for name, step in steps.items():
            began = time.process_time()
            for at in range(films):
                step(at)
            if turn >= 0:
                spent[name][turn] = 1000 * (time.process_time() - began) / films
    bare = spent["read"] + spent["model"]
    slower = spent["gate"] - spent["gate_network"] + spent["gate_network_not_folded"]
    shares = {
        "answers_to_bare": bare / (bare + spent["gate"]),
        "answers_to_bare_not_folded": bare / (bare + slower),
        "limit_by_network": bare / (bare + spent["gate_network"]),
    }
    found = {f"{name}_cpu_ms": float(np.median(values)) for name, values in spent.items()}
    chosen = np.random.default_rng(0).integers(rounds, size=(SAMPLES, rounds))
    for name, values in shares.items():
        low, high = np.quantile(np.median(values[chosen], axis=1), (0.025, 0.975))
        found |= {name: float(np.median(values)), f"{name}_low": float(low), f"{name}_high": float(high)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--films", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    figures = measured(arguments.model, arguments.films, arguments.rounds)
    print(as_text(figures, as_json=arguments.json))


if __name__ == "__main__":
    main()
