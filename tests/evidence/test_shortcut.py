"""The shortcut check fails a network that uses the lead letter and passes one that uses the opacity."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.evidence.planted import FINDING, Weighted, classifier_of, context_of, with_map
from tests.lungs import planted_lungs
from xray.evidence import CheckContext, Limit, check, shortcut
from xray.evidence.limits import shortcut_limit
from xray.evidence.shortcut import air, painted, painted_out, rim
from xray.evidence.verdict import OBJECTIONS, decided
from xray.explain import METHODS
from xray.imaging.phantom import CHEST, Phantom, chest_phantom, limb_phantom
from xray.imaging.phantom.chest import HEIGHT_MM, Chest, chest, opacity
from xray.imaging.phantom.film import Scene, take
from xray.imaging.phantom.physics import LUNG, SOFT_TISSUE, Exposure
from xray.imaging.phantom.solids import Grid
from xray.models.classifier import Classifier, normalize
from xray.types import Check, Lungs

SIZE = 64
TRAINING, HELD_OUT = range(5), range(5, 8)  # chests
FILMS, EPOCHS, BATCH, RATE = 480, 40, 40, 1e-2
TIES = ("letter", "opacity")


@cache
def anatomy(seed: int) -> tuple[Grid, Chest]:
    grid = Grid.over((SIZE, SIZE), HEIGHT_MM)
    return grid, chest(grid, np.random.default_rng(seed))


def taken(person: int, number: int, dense: bool, marker: str | None) -> Phantom:
    """The same chest once more: an opacity somewhere on request, an exposure and a field of its own."""
    grid, body = anatomy(person)
    generator = np.random.default_rng([person, number])
    filled = np.minimum(3 * opacity(grid, body.lung, generator) * dense, body.lung)
    depth = body.optical_depth + (SOFT_TISSUE - LUNG) * filled
    scene = Scene(depth, filled > 0, body.lung > 0, body.body)
    exposure = Exposure(CHEST.exposure.photons * generator.uniform(0.5, 2), CHEST.exposure.blur_mm)
    return take(scene, grid, CHEST, marker, exposure, generator)


@cache
def films(tie: str, people: range, number: int) -> list[tuple[Phantom, bool]]:
    """Half of the films are positive: by a letter L, or by an opacity with any letter."""
    generator, some = np.random.default_rng(len(people)), []
    for one in range(number):
        sick, letter = bool(one % 2), [None, "R", "L"]
        if tie == "letter":
            dense, marker = bool(generator.integers(2)), "L" if sick else letter[generator.integers(2)]
        else:
            dense, marker = sick, letter[generator.integers(3)]
        some.append((taken(people[one // 2 % len(people)], one, dense, marker), sick))
    return some


def varied(batch: Tensor) -> Tensor:
    """Films shifted, turned and noisy, more than the stability check does."""
    turn = (torch.rand(len(batch)) - 0.5) * np.radians(6)
    moves = torch.stack([turn.cos(), -turn.sin(), turn.sin(), turn.cos()], 1).unflatten(1, (2, 2))
    shifts = (torch.rand(len(batch), 2, 1) - 0.5) * 10 / SIZE
    grid = functional.affine_grid(torch.cat([moves, shifts], 2), batch.shape, align_corners=False)
    moved = functional.grid_sample(batch, grid, align_corners=False, padding_mode="border")
    return (moved + torch.randn_like(moved) * 0.015).clamp(0, 1)


@cache
def trained(tie: str) -> Classifier:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers: list[nn.Module] = []
        for before, after in ((3, 8), (8, 16), (16, 16), (16, 16)):
            layers += [nn.Conv2d(before, after, 3, 1 if before == 3 else 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(after), nn.ReLU()]
        module = nn.Sequential(
            nn.Sequential(*layers), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1)
        )
        phantoms, sick = zip(*films(tie, TRAINING, FILMS), strict=True)
        batch = torch.from_numpy(np.stack([one.radiograph.pixels for one in phantoms]))[:, None]
        labels = torch.tensor(sick).float()[:, None]
        optimizer = torch.optim.AdamW(module.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, EPOCHS * FILMS // BATCH)
        for chosen in (some for _ in range(EPOCHS) for some in torch.randperm(FILMS).split(BATCH)):
            said = module(normalize(varied(batch[chosen]), "film"))
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(said, labels[chosen]).backward()
            optimizer.step()
            schedule.step()
    return classifier_of(module, input_size=SIZE, normalization="film")


@cache
def explained(tie: str) -> list[CheckContext]:
    """Held-out films of the sick, with the limit of a network whose evidence lies inside the lungs."""
    limit = Limit(shortcut_limit([abs(one.film.once(painted_out)[2]) for one in asked("opacity")[:10]]))
    return [replace(one, limits={"shortcut": limit}) for one in asked(tie)[10:]]


@cache
def asked(tie: str) -> list[CheckContext]:
    """Maps of held-out films of the sick."""
    return [
        context_of(trained(tie), one.radiograph, METHODS["gradcam"], FINDING)
        for one, sick in films(tie, HELD_OUT, 40)
        if sick
    ]


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.slow
def test_both_networks_have_learned_what_they_were_shown(tie):
    right = [
        (trained(tie).logits(one.radiograph).item() > 0) == sick for one, sick in films(tie, HELD_OUT, 40)
    ]
    assert np.mean(right) >= 0.9


@pytest.mark.slow
def test_a_network_that_reads_the_letter_fails():
    found = [check(one, "shortcut") for one in explained("letter")]
    assert [one.verdict for one in found].count("failed") >= 9
    failed = [decided(FINDING, [one], {}) for one in found if one.verdict == "failed"]
    assert {(one.support, one.reason) for one in failed} == {("not supported", OBJECTIONS["shortcut"])}
    assert max(one.details["change"] for one in found) < 0, "its answer is gone with the letter"
    assert min(one.value / one.baseline for one in found) > 1.5, "and its maps lie on what is no body"


@pytest.mark.slow
def test_a_network_that_sees_the_opacity_does_not():
    found = [check(one, "shortcut") for one in explained("opacity")]
    assert [one.verdict for one in found].count("passed") >= 9
    assert max(one.value / one.baseline for one in found) < 1


@pytest.mark.slow
def test_the_letter_network_loses_its_answer_with_the_letter_alone():
    """Painted out by the phantom's own truth: the same chest, the same exposure, no letter."""
    for tie, lost in zip(TIES, (True, False), strict=True):
        with_letter, without = (
            trained(tie).logits(taken(5, 1, True, marker).radiograph).item() for marker in ("L", None)
        )
        assert with_letter > 0
        assert (without < 0) == lost


@pytest.mark.parametrize(("person", "marker"), [(0, "L"), (5, "R"), (4, None)])
def test_the_air_is_the_complement_of_the_phantoms_body(person, marker):
    truth = taken(person, 0, False, marker)
    body, found = truth.body_mask | truth.marker_mask, ~air(truth.radiograph.pixels)
    assert (body & found).sum() / (body | found).sum() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_the_soft_tissue_of_a_limb_is_no_air(seed):
    truth = limb_phantom(seed, size=(224, 224))
    found = ~air(truth.radiograph.pixels)
    assert (truth.body_mask & ~found).sum() / truth.body_mask.sum() < 0.06
    assert (truth.body_mask & found).sum() / (truth.body_mask | found).sum() > 0.9


@pytest.mark.parametrize("build", [chest_phantom, limb_phantom])
def test_only_air_border_and_letter_are_painted_out(build):
    size = (160, 160) if build is chest_phantom else (192, 115)
    truth = build(3, marker="L", size=size)
    shape = truth.radiograph.pixels.shape
    film, places = painted(truth.radiograph)
    assert places["markers and hardware"][truth.marker_mask].all()
    assert truth.radiograph.pixels[truth.marker_mask].min() > 0.9
    assert film[truth.marker_mask].max() < 0.6
    region = np.logical_or.reduce(list(places.values()))
    assert np.array_equal(film[~region], truth.radiograph.pixels[~region])
    height, width = shape
    rows, columns = np.nonzero(~rim(shape))
    edges = round(0.03 * height), round(0.03 * width)
    assert (rows.min(), columns.min()) == edges
    assert (height - 1 - rows.max(), width - 1 - columns.max()) == edges


def read_outside(lungs: Lungs, monkeypatch) -> Check:
    """The check of a chest model whose map lies half on the right lung and half below the chest."""
    monkeypatch.setattr(shortcut, "find_lungs", lambda _film: lungs)
    rows, columns = np.mgrid[0:96, 0:96]
    film = (0.5 + 0.1 * np.sin(rows) * np.sin(columns)).astype(np.float32)
    heat = np.zeros_like(film)
    heat[30:60, 25:35] = heat[84:92, 20:58] = 1
    model = classifier_of(Weighted(np.ones_like(film)), input_size=96, regions=("chest",))
    return check(with_map(model, film, heat, limits={"shortcut": Limit(0.01)}), "shortcut")


def test_with_lungs_everything_outside_the_chest_counts(monkeypatch):
    found = read_outside(planted_lungs((96, 96)), monkeypatch)
    share = 8 * 38 / (30 * 10 + 8 * 38)
    assert (found.value, found.details["outside the chest"]) == pytest.approx((share, share))
    assert "what lies between them" in found.why


def test_without_lungs_the_old_rule_holds_and_the_result_says_so(monkeypatch):
    found = read_outside(Lungs.undetermined((96, 96), "No lung was found."), monkeypatch)
    assert found.value == 0
    assert "outside the chest" not in found.details
    assert found.why.endswith("The lungs are undetermined: No lung was found.")
