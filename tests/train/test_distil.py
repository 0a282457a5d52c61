"""A student that follows its teacher without a single label."""

import copy

import numpy as np
import pytest
import torch

from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry
from xray.train.distil import Teacher, feature_maps


@pytest.fixture
def teacher() -> Classifier:
    torch.manual_seed(3)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 6, 8, 8),
        torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(6, 2)),
    )
    facts = ModelEntry(
        id="teacher",
        title="t",
        task="t",
        findings=("a", "b"),
        input_size=32,
        activation="sigmoid",
        thresholds=(0.5, 0.5),
        target_layer="0",
        trained_on="t",
        licence="t",
    )
    return Classifier(facts, module)


def student_loss(teacher, student, films, follow):
    with feature_maps(student[0]) as grid:
        logits = student(((films - films.mean()) / films.std()).expand(-1, 3, -1, -1))
    return follow.loss(films, logits, follow.projector(grid[-1]))


def test_a_student_comes_to_answer_and_see_as_its_teacher(teacher):
    torch.manual_seed(0)
    student = copy.deepcopy(teacher.module)
    for parameter in student.parameters():
        torch.nn.init.normal_(parameter.requires_grad_(), std=0.1)
    follow = Teacher(teacher, channels=6, activation="sigmoid")
    films = torch.rand(16, 1, 32, 32)
    optimizer = torch.optim.Adam([*student.parameters(), *follow.projector.parameters()], 0.02)
    losses = []
    for _ in range(150):
        loss = student_loss(teacher, student, films, follow)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]
    assert all(parameter.grad is None for parameter in teacher.module.parameters())


def test_a_student_equal_to_its_teacher_has_the_teachers_entropy_as_loss(teacher):
    """The features' part of the loss is then 0 and the answers' part is the teacher's entropy."""
    follow = Teacher(teacher, channels=6, activation="sigmoid")
    torch.nn.init.dirac_(follow.projector.weight)
    torch.nn.init.zeros_(follow.projector.bias)
    films = torch.rand(4, 1, 32, 32)
    with torch.no_grad(), feature_maps(teacher.target_layer) as grid:
        deviation, mean = torch.std_mean(films, dim=(1, 2, 3), keepdim=True)
        logits = teacher.module(((films - mean) / deviation).expand(-1, 3, -1, -1))
        p = (logits / 2).sigmoid().double().numpy()
        entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p)).mean()
        assert follow.loss(films, logits, follow.projector(grid[-1])).item() == pytest.approx(
            4 * entropy, rel=1e-4
        )
