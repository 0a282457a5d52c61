from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from xray.errors import UnusableData
from xray.train.augment import film_augmentation, moderate_augmentation
from xray.train.data import read_dataset, targets_of
from xray.train.recipes import recipe
from xray.train.targets import targets


def put(path, value=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    film = np.full((64, 64), value, np.uint8)
    film[20:40, 20:40] += 50
    Image.fromarray(film).save(path)


def test_a_folder_per_class_is_read_with_its_splits(tmp_path):
    for split, kind in (("train", "NORMAL"), ("train", "PNEUMONIA"), ("test", "NORMAL")):
        put(tmp_path / split / kind / "one.png")
    (tmp_path / "train" / "NORMAL" / "notes.txt").write_text("not a film")
    films = read_dataset(tmp_path)
    assert sorted((film.split, *film.labels) for film in films) == [
        ("test", "normal"),
        ("train", "normal"),
        ("train", "pneumonia"),
    ]
    assert len({film.patient for film in films}) == 3


def test_a_folder_per_class_without_splits_is_read_too(tmp_path):
    put(tmp_path / "normal" / "one.png")
    put(tmp_path / "pneumonia" / "two.png")
    films = read_dataset(tmp_path)
    assert [film.split for film in films] == ["", ""]
    assert targets_of(films, ("Normal", "Pneumonia"), several=False).tolist() == [[1, 0], [0, 1]]


def test_a_class_folder_can_deny_a_finding(tmp_path):
    for kind in ("Fractured", "Non_fractured", "unknown"):
        put(tmp_path / kind / "a.png")
    films = read_dataset(tmp_path)
    assert [(film.labels, film.known) for film in films] == [
        ({"fracture"}, set()),
        (set(), {"fracture"}),
        (set(), set()),
    ]
    assert targets(films, ["Fracture"])[:2].tolist() == [[1], [0]]


def test_labels_csv_wins_over_folders(planted_films):
    films = read_dataset(planted_films)
    assert len(films) == 120
    assert films[2].labels == {"pneumonia", "bacteria"}
    assert (films[2].patient, films[2].split) == ("p1", "train")


@pytest.mark.parametrize("header", ["path,remark", "name,labels"])
def test_a_labels_csv_without_its_columns_is_refused(tmp_path, header):
    (tmp_path / "labels.csv").write_text(f"{header}\none.png,NORMAL\n")
    with pytest.raises(UnusableData, match="path or labels"):
        read_dataset(tmp_path)


def test_a_listed_film_that_is_missing_is_named(tmp_path):
    put(tmp_path / "one.png")
    (tmp_path / "labels.csv").write_text("path,labels\none.png,NORMAL\nlost.png,NORMAL\n")
    messages: list[str] = []
    (film,) = read_dataset(tmp_path, report=messages.append)
    assert film.path == tmp_path / "one.png"
    assert messages == ["labels.csv: 1 of 2 listed films is not found, such as lost.png."]
    film.path.unlink()
    with pytest.raises(UnusableData, match=r"one\.png is listed but cannot be opened"):
        film.read()


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UnusableData, match="no labeled films"):
        read_dataset(tmp_path)


def test_a_film_of_another_label_is_named(tmp_path):
    put(tmp_path / "train" / "COVID" / "strange.png")
    with pytest.raises(UnusableData, match=r"strange.png is labeled covid"):
        targets_of(read_dataset(tmp_path), ("Normal", "Pneumonia"), several=False)


@pytest.mark.parametrize("augment", [film_augmentation(64), moderate_augmentation(64, (0.5, 1.0, 0.5))])
def test_augmentation_keeps_the_left_side_left(augment):
    """A film that is bright on the left half stays brighter there, however it is changed."""
    film = torch.full((1, 64, 64), 40, dtype=torch.uint8)
    film[:, :, :32] = 200
    torch.manual_seed(0)
    changed = torch.stack([augment(film) for _ in range(60)])
    assert changed.shape == (60, 1, 64, 64)
    left, right = changed[..., :24].mean(dim=(1, 2, 3)), changed[..., -24:].mean(dim=(1, 2, 3))
    assert (left > right).all()
    assert changed.std(dim=0).mean() > 0.02


def test_augmentation_takes_sharpness_away_from_many_films():
    noise = (torch.rand(1, 64, 64, generator=torch.Generator().manual_seed(0)) * 255).byte()
    augment = film_augmentation(64)
    torch.manual_seed(0)
    plain = v2.ToDtype(torch.float32, scale=True)(noise).diff().abs().mean()
    blurred = sum(bool(augment(noise).diff().abs().mean() < 0.6 * plain) for _ in range(60))
    assert blurred >= 20


def test_resolutions_of_a_recipe_are_the_same_for_every_size_of_the_films():
    """Of 224 px, shares 0.4 to 0.57 are 90 to 128 px, and of 160 px 0.56 to 0.8."""
    chosen = replace(recipe("findings-mobilenet-guided"), input_size=224, coarsest=(0.4, 0.85, 0.57))
    assert chosen.resolutions(224) == (0.4, 0.85, 0.57)
    assert chosen.resolutions(160) == pytest.approx((0.56, 0.85, 0.798))
    assert chosen.resolutions(112) == pytest.approx((0.8, 0.85, 1.0))


def test_moderate_augmentation_reduces_the_resolution():
    fine = (torch.rand(1, 96, 96, generator=torch.Generator().manual_seed(0)) * 255).byte()
    details = []
    for share in (0.0, 1.0):
        augment = moderate_augmentation(96, (0.5, share, 0.5))
        torch.manual_seed(0)
        details.append(sum(float(augment(fine).diff().abs().mean()) for _ in range(30)))
    assert details[1] < 0.6 * details[0]
