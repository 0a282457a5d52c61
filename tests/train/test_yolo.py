"""A detector trained briefly on planted films: input for Ultralytics, and its result."""

import dataclasses
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from xray.errors import UnusableData
from xray.models.architectures import build
from xray.train.boxes import boxed_films
from xray.train.data import read_dataset
from xray.train.dataset import dataset
from xray.train.recipes import RECIPES
from xray.train.recipes.recipe import Stage
from xray.train.yolo import train_detector, write_films

HEIGHT, WIDTH = 120, 80


@pytest.fixture(scope="module")
def boxed(tmp_path_factory) -> Path:
    """18 films, on every second a bright square and its box; a manifest names near duplicates."""
    folder = tmp_path_factory.mktemp("boxed")
    generator = np.random.default_rng(0)
    rows = ["path,near_dup_group,hand,leg,frontal,downsized"]
    for number in range(18):
        split = "test" if number >= 14 else "train"
        for kind in ("images", "labels"):
            (folder / split / kind).mkdir(parents=True, exist_ok=True)
        pixels = generator.normal(70, 12, (HEIGHT, WIDTH))
        line = ""
        if number % 2:
            top, left = generator.integers(0, HEIGHT - 20), generator.integers(0, WIDTH - 16)
            pixels[top : top + 20, left : left + 16] += 120
            line = f"0 {(left + 8) / WIDTH} {(top + 10) / HEIGHT} {16 / WIDTH} {20 / HEIGHT}\n"
        image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        image.save(folder / split / "images" / f"{number}.png")
        (folder / split / "labels" / f"{number}.txt").write_text(line)
        rows.append(f"{split}/images/{number}.png,g{number // 4},0,1,{number % 2},{int(number == 5)}")
    (folder / "manifest.csv").write_text("\n".join(rows))
    (folder / "data.yaml").write_text("path: .\ntrain: train/images\ntest: test/images\nnames: [fractured]\n")
    return folder


@pytest.fixture(scope="module")
def recipe(boxed):
    return dataclasses.replace(
        RECIPES["fracture-yolov8n"],
        sources=(dataclasses.replace(RECIPES["fracture-yolov8n"].sources[0], folder=str(boxed)),),
        init="",
        input_size=64,
        close_ups=0,
        batch=4,
        validation_share=0.3,
        stages=(Stage("all", 2, 1e-3, 5e-4),),
    )


def test_boxes_labels_groups_and_marks_are_read(boxed):
    films = {film.path.stem: film for film in boxed_films(boxed / "data.yaml")}
    assert len(films) == 18
    assert (films["4"].labels, films["4"].boxes, films["4"].known) == (set(), (), {"fracture"})
    assert films["4"].patient == films["5"].patient == "g1"
    assert (films["4"].tags, films["5"].tags) == (set(), {"frontal", "high resolution"})
    assert films["5"].source == "leg"
    [(left, top, right, bottom)] = films["5"].boxes
    pixels = films["5"].read().pixels
    rows = slice(round(top * HEIGHT), round(bottom * HEIGHT))
    columns = slice(round(left * WIDTH), round(right * WIDTH))
    assert pixels[rows, columns].shape == (20, 16)
    assert pixels[rows, columns].mean() - np.median(pixels) > 0.4, "the box is where the square is"


def test_films_are_written_at_the_size_with_their_boxes(recipe, tmp_path):
    films = dataset(recipe)
    assert not {film.patient for film in films.learning} & {film.patient for film in films.held_out}
    listed = write_films(recipe, films, tmp_path)
    assert "names:\n- Fracture" in listed.read_text()
    for part, some in (("train", films.learning), ("val", films.held_out)):
        images = sorted((tmp_path / part / "images").iterdir())
        assert len(images) == len(some)
        for image, film in zip(images, some, strict=True):
            assert cv2.imread(str(image), cv2.IMREAD_UNCHANGED).shape == (64, 43)
            lines = (tmp_path / part / "labels" / f"{image.stem}.txt").read_text().split()
            assert bool(lines) == bool(film.boxes)
            if lines:
                x, _, width, _ = map(float, lines[1:])
                assert (x - width / 2, x + width / 2) == pytest.approx(film.boxes[0][::2], abs=1e-5)


@pytest.mark.slow
def test_close_ups_are_written_beside_the_films(recipe, tmp_path):
    closer = dataclasses.replace(recipe, close_ups=2)
    films = dataset(closer)
    write_films(closer, films, tmp_path, workers=2)
    names = [path.stem for path in (tmp_path / "train" / "labels").iterdir()]
    whole = [name for name in names if name.endswith("-0")]
    assert len(whole) == len(films.learning)
    assert len(names) > len(whole) + sum(bool(film.boxes) for film in films.learning)


@pytest.mark.slow
def test_a_short_training_changes_the_network_without_network_access(recipe, tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    torch.manual_seed(0)
    module = build("yolov8n", 1)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    run = train_detector(recipe, dataset(recipe), tmp_path, module)
    after = run.average.module.state_dict()
    assert before.keys() == after.keys()
    assert not torch.equal(before["model.0.conv.weight"], after["model.0.conv.weight"])
    assert [epoch["stage"] for epoch in run.history] == ["all", "all"]
    assert run.history[0]["loss"] > run.history[1]["loss"]
    assert run.seconds > 0
    assert torch.isfinite(run.average.module.eval()(torch.rand(1, 3, 64, 64))).all()


@pytest.mark.slow
def test_an_interrupted_training_resumes_from_its_checkpoint(recipe, tmp_path, monkeypatch):
    """A start that is not a number would show in all that comes after it."""
    from ultralytics.engine.trainer import BaseTrainer

    save = BaseTrainer.save_model

    def killed(trainer):
        save(trainer)
        raise KeyboardInterrupt

    monkeypatch.setattr(BaseTrainer, "save_model", killed)
    with pytest.raises(KeyboardInterrupt):
        train_detector(recipe, dataset(recipe), tmp_path, build("yolov8n", 1))
    monkeypatch.undo()
    module = build("yolov8n", 1)
    for value in module.parameters():
        torch.nn.init.constant_(value, torch.nan)
    run = train_detector(recipe, dataset(recipe), tmp_path, module, resume=True)
    assert len(run.history) == 2
    assert all(torch.isfinite(value).all() for value in run.module.state_dict().values())


def test_the_only_class_is_the_finding_whatever_its_name(recipe, tmp_path):
    other = dataclasses.replace(recipe, findings=("Lesion",))
    listed = write_films(other, dataset(other), tmp_path)
    assert "names:\n- Lesion" in listed.read_text()
    lines = [line for path in tmp_path.rglob("labels/*.txt") for line in path.read_text().splitlines()]
    assert len(lines) == 7, "one box on every second of the 14 training films"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("names: [a, b]\ntrain: x\n", "has 2 classes"),
        ("train: [", "cannot be read"),
        ("train: x\n", "cannot be read"),
        ("just text", "cannot be read"),
    ],
)
def test_a_bad_data_yaml_is_a_sentence(tmp_path, text, sentence):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(UnusableData, match=sentence):
        read_dataset(tmp_path)


def test_a_bad_label_file_is_a_sentence(boxed, tmp_path):
    for kind in ("images", "labels"):
        (tmp_path / "x" / kind).mkdir(parents=True)
    (tmp_path / "data.yaml").write_text("train: x/images\nnames: [a]\n")
    Image.new("L", (64, 64)).save(tmp_path / "x" / "images" / "1.png")
    (tmp_path / "x" / "labels" / "1.txt").write_text("0 0.5 0.5 wide\n")
    with pytest.raises(UnusableData, match=r"1\.txt has a line that is not a box"):
        read_dataset(tmp_path)


def test_extra_films_are_learned_from_and_never_measured_on(recipe, tmp_path):
    for kind in ("images", "labels"):
        (tmp_path / "train" / kind).mkdir(parents=True)
    Image.new("L", (64, 64)).save(tmp_path / "train" / "images" / "extra.png")
    (tmp_path / "train" / "labels" / "extra.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    (tmp_path / "data.yaml").write_text("train: train/images\nnames: [Fracture]\n")
    plain, more = dataset(recipe), dataset(recipe, extra=tmp_path)
    assert [film.path.stem for film in more.learning if film not in plain.learning] == ["extra"]
    assert (more.held_out, more.test) == (plain.held_out, plain.test)
    assert more.learning[-1].labels == {"fracture"}
