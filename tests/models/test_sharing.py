"""Networks are shared: threads that request one at the same time load it once, and few stay in memory."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from torch import nn

from xray.models.architectures import ARCHITECTURES
from xray.models.classifier import _load, load_classifier
from xray.models.registry import ModelEntry, write_entry
from xray.models.weights import encode_weights
from xray.settings import settings

THREADS = 8
FACTS = {
    "title": "planted",
    "task": "planted",
    "findings": ("Finding",),
    "thresholds": (0.5,),
    "activation": "sigmoid",
    "target_layer": "0",
    "trained_on": "nothing",
    "licence": "none",
    "weights": "small.safetensors",
}


@pytest.fixture
def register(weights_folder):
    """Registers a small network under an id; building it calls a function first."""
    content = encode_weights(nn.Sequential(nn.Linear(3, 1)))
    sha256 = hashlib.sha256(content).hexdigest()
    (weights_folder / "small.safetensors").write_bytes(content)
    _load.cache_clear()
    with ExitStack() as registered:

        def add(model_id: str, building: Callable[[], object]) -> None:
            def network(findings: int) -> nn.Module:
                building()
                return nn.Sequential(nn.Linear(3, findings))

            registered.enter_context(ARCHITECTURES.temporarily(model_id, network))
            facts = FACTS | {"id": model_id, "architecture": model_id, "sha256": sha256}
            write_entry(ModelEntry.model_validate(facts), weights_folder / "registry.toml")

        yield add
    _load.cache_clear()


def test_threads_that_request_a_network_at_the_same_time_load_it_once(register):
    loads, loading = [], threading.Barrier(THREADS)

    def load() -> None:
        loads.append(threading.get_ident())
        with suppress(threading.BrokenBarrierError):
            loading.wait(0.2)  # until all threads load, if each of them does

    register("shared", load)
    with ThreadPoolExecutor(THREADS) as threads:
        models = set(threads.map(lambda _: load_classifier("shared"), range(THREADS)))
    assert len(loads) == len(models) == 1


def test_a_failed_load_is_repeated(register):
    failures = iter([True, False])

    def load() -> None:
        if next(failures):
            raise MemoryError

    register("heavy", load)
    with pytest.raises(MemoryError):
        load_classifier("heavy")
    assert load_classifier("heavy") is load_classifier("heavy")


def test_the_least_recently_used_network_is_removed(register):
    loads = []
    names = [f"network-{number}" for number in range(settings().loaded_models + 1)]
    for name in names:
        register(name, lambda name=name: loads.append(name))
    for name in names[:-1]:
        load_classifier(name)
    load_classifier(names[0])
    load_classifier(names[-1])
    assert loads == names
    assert len(_load.cache) == settings().loaded_models
    load_classifier(names[0])
    assert loads == names
    load_classifier(names[1])
    assert loads == [*names, names[1]]
