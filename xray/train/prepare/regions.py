"""Body regions, CT and MR images: MedNIST's class folders, and FracAtlas' films without fractures."""

from __future__ import annotations

from collections.abc import Sequence

from tqdm import tqdm

from xray.train.prepare.download import File, named, not_found
from xray.train.prepare.films import decoded, jpeg, short_side
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS
from xray.train.sources import spread

MEDNIST = {  # folder: class, largest number of images
    "Hand": ("hand", 540),
    "CXR": ("chest", 185),
    "AbdomenCT": ("not_xray_ct", 226),
    "ChestCT": ("not_xray_ct", 224),
    "BreastMRI": ("not_xray_mri", 270),
    "HeadCT": ("not_xray_head_ct", 220),
}
FRACATLAS = {  # column of dataset.csv: class, largest number of films
    "hand": ("upper_limb", 612),
    "leg": ("lower_limb", 608),
    "hip": ("hip_pelvis", 280),
    "shoulder": ("shoulder", 285),
}
LICENCES = {"mednist": "CC BY-SA 4.0", "fracatlas": "CC BY 4.0"}


def prepare(files: Sequence[File], target: Target) -> None:
    """Write CLASS/DATASET/NAME.jpg and labels.csv, evenly spaced films of each folder."""
    found = {folder: [file for file in files if file.is_in(folder)] for folder in MEDNIST}
    if missing := [folder for folder, some in found.items() if not some]:
        not_found(target.name, f"There are no images in {', '.join(missing)}.")
    parts = [
        (label, f"mednist_{folder.lower()}", found[folder], most) for folder, (label, most) in MEDNIST.items()
    ]
    parts += _limbs(files)
    rows = []
    for label, dataset, some, most in parts:
        used = {str(file.path) for file in spread(sorted(some, key=lambda file: file.path), most)}
        for file in tqdm(some, desc=f"{target.name}, {label}", unit="film"):
            path = f"{label}/{dataset}/{file.path.stem}.jpg"
            if str(file.path) not in used:
                target.leave_out(f"{label}, {dataset}: not one of {most} evenly spaced images", file.path)
            elif (pixels := decoded(file, target)) is not None:
                target.write(path, jpeg(short_side(pixels, COLLECTIONS[target.name].side)))
                target.counts[f"{label}: {dataset}"] += 1
                rows.append((path, label, dataset, LICENCES[dataset.partition("_")[0]]))
    target.write_list("labels.csv", ("path", "class", "dataset", "licence"), sorted(rows))


def _limbs(files: Sequence[File]) -> list[tuple[str, str, list[File], int]]:
    """FracAtlas' films without fractures that show exactly one region."""
    listed = named(files, "dataset.csv")
    rows = {row["imageid"]: row for row in listed.rows("imageid", *FRACATLAS)} if listed else {}
    films = [file for file in files if file.is_in("images", "Non_fractured") and file.path.name in rows]
    return [
        (
            label,
            "fracatlas",
            [
                film
                for film in films
                if [region for region in FRACATLAS if rows[film.path.name].get(region) == "1"] == [column]
            ],
            most,
        )
        for column, (label, most) in FRACATLAS.items()
    ]
