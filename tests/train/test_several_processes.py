"""Two processes under torchrun train one model together."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
import torch

from xray.models.architectures import build
from xray.settings import ROOT
from xray.train.augment import Films
from xray.train.loop import accelerator_on
from xray.train.recipes.recipe import Stage
from xray.train.run import Run, averaged
from xray.train.stage import StageTraining

SCRIPT = """
import dataclasses, hashlib, json, sys
from pathlib import Path
import torch
import xray.train.make as make_module
from tests.train.conftest import tiny
from xray.io import read_radiograph
from xray.models.architectures import ARCHITECTURES, build
from xray.models.classifier import Classifier
from xray.train import film
from xray.train.recipes import RECIPES
from xray.train.recipes.recipe import Stage
from xray.train.release import entry_of
from xray.train.sources import Source
from xray.train.stage import StageTraining

films, runs, report = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
ARCHITECTURES.add("tiny", tiny)
recipe = dataclasses.replace(
    RECIPES["pneumonia-mobilenet"], name="student", architecture="tiny", sources=(Source(films),), init="",
    input_size=48, target_layer="1", batch=8, validation_share=0.3, teacher="teacher",
    guidance=None, balanced=False,
    stages=(
        Stage("head", 1, learning_rate=1e-2, weight_decay=0.0, trainable=("4",)),
        Stage("all", 4, learning_rate=1e-2, weight_decay=0.0, mixup=0.5, teacher=1.0, patience=1),
    ),
)
torch.manual_seed(7)
make_module.load_classifier = lambda name: Classifier(entry_of(recipe, b""), build("tiny", 2))

def digest(module):
    values = b"".join(value.detach().numpy().tobytes() for value in module.parameters())
    return hashlib.sha256(values).hexdigest()

found = {"steps": 0, "reads": [], "backbones": []}
step, train_recipe, read = StageTraining.step, make_module.train_recipe, film.read_radiograph

def counted_step(self, *batch):
    found["steps"] += 1
    found["backbones"].append((self.stage.name, digest(self.run.module[:4])))
    return step(self, *batch)

def reported_run(*given, **options):
    run = train_recipe(*given, **options)
    found.update(
        network=digest(run.module), projector=digest(run.teacher.projector), history=run.history,
        decoded=list(found["reads"]),
    )
    return run

def counted_read(content, name):
    found["reads"].append(name)
    return read_radiograph(content, name)

StageTraining.step, make_module.train_recipe, film.read_radiograph = counted_step, reported_run, counted_read
found["figures"] = bool(make_module.make(recipe, runs))
found["rank"] = torch.distributed.get_rank()
(report / f"{found['rank']}.json").write_text(json.dumps(found))
"""


@pytest.mark.slow
def test_two_processes_train_one_student_from_a_head_stage_on(planted_films, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = os.environ | {
        "XRAY_WEIGHTS_DIR": str(tmp_path / "weights"),
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    result = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
            *(str(script), str(planted_films), str(tmp_path / "runs"), str(tmp_path)),
        ],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    main, other = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1))
    for name in ("network", "projector", "history", "steps"):
        assert main[name] == other[name]
    epochs = len(main["history"])
    assert main["steps"] <= 4 * epochs  # half of 56 films in batches of 8
    head = {value for name, value in main["backbones"] if name == "head"}
    assert len(head) == 1  # the head stage leaves the backbone as it is
    assert len({value for name, value in main["backbones"]}) > 1
    validation = [epoch["validation_loss"] for epoch in main["history"]]
    assert len(set(validation)) == epochs
    training = Counter(main["decoded"]) + Counter(other["decoded"])
    assert len(training) == 120  # 40 of them test films, read by the main process
    assert set(training.values()) == {1}
    assert (main["figures"], other["figures"]) == (True, False)
    assert json.loads((tmp_path / "weights" / "student.json").read_text())["test"]["n"] == 40


@pytest.fixture
def wrapped(monkeypatch):
    """The module that the accelerator wraps and the names of its trainable parameters at that time."""
    accelerator, seen = accelerator_on("cpu"), {}
    prepare = accelerator.prepare

    def recorded(module, loader):
        seen["trainable"] = {name for name, value in module.named_parameters() if value.requires_grad}
        return prepare(module, loader)

    monkeypatch.setattr(accelerator, "prepare", recorded)
    return accelerator, seen


def stage_training(recipe, stage, teacher, accelerator):
    module = build("tiny", 2)
    targets = torch.eye(2)[[0, 1] * 8].numpy()
    pixels = torch.zeros(16, 1, 48, 48, dtype=torch.uint8)
    films = Films(pixels, targets, ((),) * 16, targets > 1, ("",) * 16)
    return StageTraining(recipe, stage, Run(module, averaged(module, 0.5), teacher), films, accelerator, 0)


class FixedTeacher:
    projector = torch.nn.Conv2d(16, 5, 1)


def test_the_backbone_is_frozen_when_the_network_is_wrapped(tiny_recipe, wrapped):
    accelerator, seen = wrapped
    head = Stage("head", 1, 1e-3, 0.0, trainable=("4",))
    training = stage_training(tiny_recipe, head, FixedTeacher(), accelerator)
    assert seen["trainable"] == {"network.4.weight", "network.4.bias"}
    assert sum(map(len, (group["params"] for group in training.optimizer.param_groups))) == 2


def test_the_projector_is_wrapped_with_the_network_where_a_teacher_is_used(tiny_recipe, wrapped):
    accelerator, seen = wrapped
    training = stage_training(
        tiny_recipe, Stage("all", 1, 1e-3, 0.0, teacher=1.0), FixedTeacher(), accelerator
    )
    assert {"projector.weight", "projector.bias", "network.0.0.weight"} <= seen["trainable"]
    optimized = [value for group in training.optimizer.param_groups for value in group["params"]]
    assert any(value is FixedTeacher.projector.weight for value in optimized)
