"""Training of a detector with Ultralytics."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import yaml
from joblib import Parallel, delayed
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from xray.io.boxes import yolo_lines
from xray.models.classifier import letterbox
from xray.models.yolo import DetectionModel
from xray.train.closeups import CloseUp, close_ups
from xray.train.dataset import Dataset
from xray.train.film import Film
from xray.train.loop import computes_in_bfloat16
from xray.train.recipes.recipe import Recipe
from xray.train.run import Run, averaged

OPTIONS: dict[str, Any] = {
    # films are gray, so no hue or saturation; limbs are imaged at any angle and from both sides
    "hsv_h": 0.0,
    "hsv_s": 0.0,
    "hsv_v": 0.3,
    "degrees": 20.0,
    "scale": 0.4,
    "fliplr": 0.5,
    "flipud": 0.5,
    "mosaic": 0.5,
    "optimizer": "AdamW",
    "lrf": 0.05,
    "cos_lr": True,
    "warmup_epochs": 1,
    "amp": False,  # not supported on a CPU; HalfTrained uses bfloat16 instead
    "pretrained": False,
    "plots": False,
    "exist_ok": True,
    "verbose": False,
}


class HalfTrained(DetectionModel):
    """A detector that trains in bfloat16 where the device computes in it."""

    def predict(self, x: Tensor, *args: Any, **options: Any) -> Any:
        """Run the network, in bfloat16 during training; the outputs are float32."""
        if not self.training:
            return super().predict(x, *args, **options)
        half = computes_in_bfloat16(x.device.type)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=half):
            outputs = super().predict(x, *args, **options)
        return {
            name: [tensor.float() for tensor in value] if isinstance(value, list) else value.float()
            for name, value in outputs.items()
        }


def train_detector(
    recipe: Recipe,
    films: Dataset,
    folder: Path,
    start: nn.Module,
    *,
    device: str = "cpu",
    resume: bool = False,
    workers: int = 0,
) -> Run:
    """Train a detector.

    Args:
        recipe: The recipe.
        films: The films of the recipe.
        folder: Folder for the converted films and the checkpoints.
        start: Network with the starting weights.
        device: Device to train on.
        resume: Whether to continue from the last checkpoint.
        workers: Number of processes that prepare films.
    """
    from ultralytics.models.yolo.detect import DetectionTrainer

    class Trainer(DetectionTrainer):
        def get_model(self, *_args: Any, weights: nn.Module | None = None, **_options: Any) -> HalfTrained:
            module = HalfTrained(configuration, nc=len(recipe.findings), verbose=False)
            module.load_state_dict((weights or start).state_dict())  # weights: of the checkpoint to resume
            return module

    configuration = f"{recipe.architecture}.yaml"
    last = folder / "run" / "weights" / "last.pt"
    stage, threads = recipe.stages[0], torch.get_num_threads()
    options = OPTIONS | {
        "model": configuration,
        "data": str(write_films(recipe, films, folder / "films", workers)),
        "imgsz": recipe.input_size,
        "batch": recipe.batch,
        "epochs": stage.epochs,
        "patience": stage.patience or stage.epochs,
        "close_mosaic": max(1, stage.epochs // 4),
        "lr0": stage.learning_rate,
        "weight_decay": stage.weight_decay,
        "seed": recipe.seed,
        "device": device,
        "workers": workers,
        "project": str(folder.resolve()),
        "name": "run",
    }
    if resume and last.is_file():
        options = {"resume": str(last), "model": str(last), "device": device}
    trainer = Trainer(overrides=options)
    trainer.add_callback("on_train_start", lambda _trainer: torch.set_num_threads(threads))
    trainer.train()
    start.load_state_dict(_weights(trainer.best))
    run = Run(start, averaged(start, recipe.ema_decay))
    run.history, run.seconds = _history(trainer.csv, stage.name)
    return run


def write_films(recipe: Recipe, films: Dataset, folder: Path, workers: int = 0) -> Path:
    """Write films and close-ups as PNG with their boxes as text; return the path of data.yaml.

    The only class of the data set is the finding of the recipe, whatever its name.

    Args:
        recipe: The recipe.
        films: Its films.
        folder: Folder to write to, which is emptied first.
        workers: Number of processes that prepare films.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for part, some in (("train", films.learning), ("val", films.held_out)):
        for kind in ("images", "labels"):
            (folder / part / kind).mkdir(parents=True)
        Parallel(max(workers, 1))(
            delayed(_write)(film, recipe, folder / part, number)
            for number, film in enumerate(tqdm(some, desc=f"writing {part} films", unit="film"))
        )
    facts = {"path": str(folder.resolve()), "train": "train/images", "val": "val/images"}
    listed = folder / "data.yaml"
    listed.write_text(yaml.safe_dump(facts | {"names": list(recipe.findings)}), encoding="utf-8")
    return listed


def _write(film: Film, recipe: Recipe, folder: Path, number: int) -> None:
    """Write a film whose long side is the input size, and its close-ups, with the boxes."""
    pixels = film.read().pixels
    scaled = letterbox(torch.from_numpy(pixels.copy())[None, None], recipe.input_size, multiple=1)[0, 0]
    images = [CloseUp(scaled.clamp(0, 1).numpy(), _in_px(film, scaled.shape))]
    if recipe.close_ups:
        generator = np.random.default_rng((recipe.seed, number))
        images += close_ups(pixels, _in_px(film, pixels.shape), recipe.close_ups, generator)
    for index, (image, boxes) in enumerate(images):
        name = f"{number:05d}-{index}"
        cv2.imwrite(str(folder / "images" / f"{name}.png"), (image * 255).round().astype(np.uint8))
        lines = "\n".join(yolo_lines(boxes, image.shape))
        (folder / "labels" / f"{name}.txt").write_text(lines, encoding="utf-8")


def _in_px(film: Film, shape: tuple[int, ...]) -> NDArray[np.floating]:
    """The boxes (n, 4) of a film in pixels of a picture (H, W) of it."""
    height, width = shape
    return np.array(film.boxes).reshape(-1, 4) * (width, height, width, height)


def _weights(checkpoint: Path) -> dict[str, Tensor]:
    """The weights in a checkpoint that this run has written."""
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    tensors: dict[str, Tensor] = (saved.get("ema") or saved["model"]).float().state_dict()
    return tensors


def _history(results: Path, stage: str) -> tuple[list[dict[str, float | str]], float]:
    """Losses and validation mAP50 of each epoch, and the total time in seconds."""
    with results.open(newline="", encoding="utf-8") as lines:
        rows = [{name.strip(): float(value) for name, value in row.items()} for row in csv.DictReader(lines)]
    parts = ("box_loss", "cls_loss", "dfl_loss")
    history: list[dict[str, float | str]] = [
        {
            "stage": stage,
            "loss": sum(row[f"train/{part}"] for part in parts),
            "validation_loss": sum(row[f"val/{part}"] for part in parts),
            "map50": row["metrics/mAP50(B)"],
        }
        for row in rows
    ]
    return history, rows[-1]["time"]
