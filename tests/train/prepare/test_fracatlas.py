"""FracAtlas becomes a YOLO data set with its official split; near-duplicates stay in one split."""

from functools import cache

import numpy as np

from tests.train.prepare.downloads import film, jpeg, pixels, put, rows
from xray.train.data import read_dataset
from xray.train.prepare import prepare
from xray.train.prepare.near_duplicates import fingerprint, groups

FRACTURED = {"IMG0000019": "train", "IMG0000020": "valid", "IMG0000021": "test"}
WHOLE = {f"IMG00001{number:02}": number for number in range(30)}
SAME = "IMG0000150"  # nearly the film of IMG0000021


@cache
def download() -> dict[str, bytes | str]:
    tags = "hand,leg,hip,shoulder,mixed,hardware,multiscan,fractured,fracture_count,frontal,lateral,oblique"
    lines = [f"image_id,{tags}", *(f"{name}.jpg,1,0,0,0,0,1,0,1,1,1,0,0" for name in FRACTURED)]
    lines += [f"{name}.jpg,0,1,0,0,0,0,0,0,0,0,1,0" for name in (*WHOLE, SAME)]
    files: dict[str, bytes | str] = {"FracAtlas/dataset.csv": "\n".join(lines)}
    for number, (name, split) in enumerate(FRACTURED.items()):
        shape = (1536, 768) if number == 0 else (96, 80)
        files[f"FracAtlas/images/Fractured/{name}.jpg"] = jpeg(film(200 + number, shape))
        files[f"FracAtlas/Annotations/YOLO/{name}.txt"] = "0 0.5 0.25 0.1 0.2\n0 0.2 0.2 0.1 0.1\n"
        files[f"FracAtlas/Utilities/Fracture Split/{split}.csv"] = f"image_id\n{name}.jpg\n"
    for name, seed in WHOLE.items():
        files[f"FracAtlas/images/Non_fractured/{name}.jpg"] = jpeg(film(seed))
    brighter = np.clip(film(202, (96, 80)) * 0.9 + 12, 0, 255).astype(np.uint8)
    files[f"FracAtlas/images/Non_fractured/{SAME}.jpg"] = jpeg(brighter)
    files["FracAtlas/images/Non_fractured/IMG0000101.jpg"] = jpeg(film(1))[:200]
    return files


def test_splits_boxes_tags_and_sizes(prepared, root):
    facts = prepared("fracatlas", download())
    films = {one.path.stem: one for one in read_dataset(root / "data/fracture")}
    assert {name: films[name].split for name in FRACTURED} == {
        "IMG0000019": "train",
        "IMG0000020": "val",
        "IMG0000021": "test",
    }
    np.testing.assert_allclose(
        films["IMG0000019"].boxes, [(0.45, 0.15, 0.55, 0.35), (0.15, 0.15, 0.25, 0.25)], atol=1e-9
    )
    assert films["IMG0000019"].labels == {"fracture"}
    assert films["IMG0000019"].source == "hand"
    assert films["IMG0000019"].tags == {"hardware", "frontal", "high resolution"}
    assert films["IMG0000100"].labels == frozenset()
    assert films["IMG0000100"].source == "leg"
    assert pixels(root / "data/fracture/train/images/IMG0000019.jpg").shape == (1024, 512)
    assert len(films) == 33
    assert facts["boxes"] == 6
    assert facts["left_out"]["cannot be read as a film"]["n"] == 1
    listed = {row["path"]: row for row in rows(root / "data/fracture/manifest.csv")}
    assert listed["train/images/IMG0000019.jpg"]["orig_h"] == "1536"


def test_a_film_with_unreadable_boxes_is_left_out(prepared, root):
    files = download() | {"FracAtlas/Annotations/YOLO/IMG0000020.txt": "0 0.5 1.25 0.1 0.2\n"}
    facts = prepared("fracatlas", files | {"FracAtlas/Annotations/YOLO/IMG0000021.txt": "0 0.5 box\n"})
    assert facts["left_out"]["film with fractures without readable boxes"]["n"] == 2
    assert sum(bool(one.boxes) for one in read_dataset(root / "data/fracture")) == 1


def test_a_near_duplicate_without_fracture_follows_the_film_with_the_fracture(prepared, root):
    prepared("fracatlas", download())
    films = {one.path.stem: one for one in read_dataset(root / "data/fracture")}
    assert films[SAME].split == "test"
    assert films[SAME].patient == films["IMG0000021"].patient
    others = [films[name].split for name in WHOLE if name in films]
    assert set(others) == {"train", "val", "test"}
    assert others.count("train") > len(others) / 3
    assert len({films[name].patient for name in WHOLE if name in films}) == len(others)


def test_only_similar_films_are_one_group():
    noisy = np.clip(film(1).astype(int) + np.random.default_rng(0).integers(-3, 4, (64, 64)), 0, 255)
    some = [film(1), film(2), noisy.astype(np.uint8), film(3), film(1)[::-1].copy()]
    found = groups(np.array([fingerprint(one) for one in some]))
    assert found[0] == found[2]
    assert len(set(found)) == 4


def test_regions_of_mednist_and_fracatlas(tmp_path):
    folders = {"Hand": "hand", "CXR": "chest", "AbdomenCT": "not_xray_ct", "ChestCT": "not_xray_ct"}
    folders |= {"BreastMRI": "not_xray_mri", "HeadCT": "not_xray_head_ct"}
    files = {
        f"MedNIST/{folder}/00000{number}.jpeg": jpeg(film(number + 10 * place))
        for place, folder in enumerate(folders)
        for number in range(3)
    }
    target = tmp_path / "region"
    facts = prepare("body-regions", put(tmp_path / "download", files | download()), target)
    found = {(one.source, *one.labels) for one in read_dataset(target)}
    assert found == {
        (f"mednist_{folder.lower()}", label.replace("_", " ")) for folder, label in folders.items()
    } | {("fracatlas", "lower limb")}
    assert facts["counts"]["lower_limb: fracatlas"] == 30
    assert facts["counts"]["hand: mednist_hand"] == 3
    assert np.abs(pixels(target / "hand/mednist_hand/000001.jpg").astype(int) - film(1)).mean() < 3
