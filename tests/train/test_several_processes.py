"""Two processes under torchrun train one model together."""

import json
import os
import subprocess
import sys

import pytest

from xray.settings import ROOT

TINY = """
import sys
from pathlib import Path
import torch
from tests.train.conftest import tiny
from xray.models.architectures import ARCHITECTURES
from xray.train import loop
from xray.train.recipes import RECIPES
from xray.train.make import make
from xray.train.recipes.recipe import Stage
from xray.train.sources import Source
import dataclasses

ARCHITECTURES.add("tiny", tiny)
recipe = dataclasses.replace(
    RECIPES["pneumonia-mobilenet"], name="tiny", architecture="tiny", sources=(Source(sys.argv[1]),), init="",
    input_size=48, target_layer="1", batch=8, validation_share=0.3,
    stages=(Stage("all", 2, learning_rate=1e-2, weight_decay=0.0),),
)
seen = []
step = loop.step
def counted(*given):
    value = step(*given)
    seen.append(value)
    return value
loop.step = counted
weights = []
train = loop.train
import xray.train.make as m
def kept(recipe, run, *given, **options):
    train(recipe, run, *given, **options)
    weights.append(sum(one.double().sum().item() for one in run.module.parameters()))
m.train = kept
figures = make(recipe, Path(sys.argv[2]))
print("TOLD", len(seen), repr(weights[0]), bool(figures))
"""


@pytest.mark.slow
def test_two_processes_share_the_films_and_end_with_one_model(planted_films, tmp_path):
    script = tmp_path / "tiny.py"
    script.write_text(TINY)
    environment = os.environ | {
        "XRAY_WEIGHTS_DIR": str(tmp_path / "weights"),
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    result = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
            *(str(script), str(planted_films), str(tmp_path / "runs")),
        ],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    told = [line.split()[1:] for line in result.stdout.splitlines() if line.startswith("TOLD")]
    assert len(told) == 2
    assert told[0][:2] == told[1][:2]  # as many steps, the same weights
    assert int(told[0][0]) <= 2 * 4  # half of the films each: 56 films, two processes, batches of 8
    assert {wrote for *_, wrote in told} == {"True", "False"}
    assert json.loads((tmp_path / "weights" / "tiny.json").read_text())["test"]["n"] == 40
