"""Labels matched by name, curves against counted pairs, and planted heatmap clusters."""

from dataclasses import replace

import numpy as np
import pytest

from tests.corpus import film, raster
from xray.access import TERMINAL
from xray.cohort import Row
from xray.cohort.comparison import answers, compare
from xray.cohort.heatmap_clusters import SIDE, cluster_heatmaps
from xray.cohort.labels import Labels, listed, of_folder, truths
from xray.errors import UnusableData
from xray.io.label_lists import FilmLabels
from xray.train.targets import targets
from xray.types import Prediction

FINDINGS = ("Normal", "Pneumonia")


def row(file: str, probability: float, duplicate_of: str = "") -> Row:
    values = np.array([1 - probability, probability], np.float32)
    said = Prediction("m", "", FINDINGS, values, values, np.full(2, 0.5, np.float32))
    return Row(file, "answered", prediction=said, duplicate_of=duplicate_of)


SAID = (0.9, 0.8, 0.8, 0.4, 0.3, 0.3, 0.1)
SICK = (1, 1, 0, 1, 0, 1, 0)


@pytest.fixture
def labeled() -> tuple[list[Row], Labels]:
    rows = [row(f"{number}.png", said) for number, said in enumerate(SAID)]
    known = {
        f"{number}.png": FilmLabels(frozenset({"pneumonia" if sick else "normal"}), str(number))
        for number, sick in enumerate(SICK)
    }
    extra = [row("unlabeled.png", 0.99), row("again.png", 0.9, "0.png"), Row("broken.png", "not read")]
    known["again.png"] = known["broken.png"] = FilmLabels(frozenset({"normal"}), "x")
    return rows + extra, Labels(known)


def test_the_area_is_the_share_of_pairs_in_order(labeled):
    found = compare(*labeled, "Pneumonia")
    pairs = [
        (a > b) + (a == b) / 2
        for a, sick in zip(SAID, SICK, strict=True)
        if sick
        for b, other in zip(SAID, SICK, strict=True)
        if not other
    ]
    assert found.auroc.value == pytest.approx(np.mean(pairs))
    assert found.auroc.low <= found.auroc.value <= found.auroc.high
    assert np.trapezoid(found.true_positive_rate, found.false_positive_rate) == pytest.approx(np.mean(pairs))


def test_curve_and_counts_are_those_counted_by_hand(labeled):
    found = compare(*labeled, "Pneumonia")
    for threshold, sensitivity, false_alarms in zip(
        found.thresholds, found.true_positive_rate, found.false_positive_rate, strict=True
    ):
        at = [one >= threshold - 1e-6 for one in SAID]
        assert sensitivity == sum(a and s for a, s in zip(at, SICK, strict=True)) / 4
        assert false_alarms == sum(a and not s for a, s in zip(at, SICK, strict=True)) / 3
    assert found.confusion(0.5) == [[2, 2], [1, 2]]
    assert found.confusion(0.0) == [[4, 0], [3, 0]]
    assert compare(*labeled, "Normal").confusion(0.5) == [[2, 1], [2, 2]]


def test_answers_of_many_kinds_are_counted_by_hand():
    findings = ("Hand", "Hip", "Skull")
    said = ("Hand", "Hip", "Hip", "Skull", "Hand", "Hip")
    true = ("hand", "hand", "hip", "skull", "skull", "hand|hip")
    rows = []
    for number, one in enumerate(said):
        values = np.array([0.8 if one == finding else 0.1 for finding in findings], np.float32)
        prediction = Prediction("m", "", findings, values, values, np.full(3, 0.5, np.float32))
        rows.append(Row(f"{number}.png", "answered", prediction=prediction))
    rows += [replace(rows[0], file="again.png", duplicate_of="0.png"), Row("bad.png", "not read")]
    known = {f"{n}.png": FilmLabels(frozenset(one.split("|")), str(n)) for n, one in enumerate(true)}
    known["again.png"] = known["bad.png"] = known["0.png"]
    assert answers(rows, Labels(known)) == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]
    assert answers(rows, Labels({})) == []


def test_labels_of_one_kind_give_no_curve(labeled):
    rows, _ = labeled
    with pytest.raises(UnusableData, match="1 of 1 labeled films show Pneumonia"):
        compare(rows, Labels({"0.png": FilmLabels(frozenset({"pneumonia"}), "0")}), "Pneumonia")


@pytest.mark.parametrize(
    "text",
    [
        "path,labels\nset/a.png,Pleural_Thickening|Mass\nb.png,No Finding\n",
        "\ufefffile;class;patient_id\nset\\a.png;Mass|pleural thickening;7\nb.png;no finding;8\n",
        "Image Index,Finding Labels\na.png,Mass|Pleural_Thickening\nb.png,No Finding\n",
    ],
)
def test_labels_are_found_by_name_and_spelled_alike(text):
    films = ["set/a.png", "other/b.png", "c.png"]
    labels = listed([("list.csv", text.encode())], films)
    found = targets(truths(labels, films), ("Mass", "Pleural thickening", "Hernia", "No Finding"))
    assert found[:2].tolist() == [[1, 1, 0, 0], [0, 0, 0, 1]]
    assert np.isnan(found[2]).all()


def test_other_labels_and_ambiguous_names_are_unknown():
    films = ["in/a.png", "in/x/b.png", "b.png"]
    lines = b"path,labels\na.png,left hand\nx/b.png,Mass\ny/b.png,Normal\n"
    labels = listed([("in/list.csv", lines)], films)
    found = targets(truths(labels, films), ("Mass",))
    assert np.isnan(found[:, 0]).tolist() == [True, False, True]


def test_folders_that_are_no_findings_are_not_reported_as_labels(tmp_path):
    for name in ("2021", "2022"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(raster(film(), "PNG"))
    assert of_folder(tmp_path, TERMINAL).note(("Mass",)) == ""
    (tmp_path / "2022").rename(tmp_path / "mass")
    assert "2021 (1)" in of_folder(tmp_path, TERMINAL).note(("Mass",))


def test_labels_of_a_data_set_folder(planted_folder):
    labels = of_folder(planted_folder, TERMINAL)
    found = targets(truths(labels, ["train/NORMAL/a.png", "train/PNEUMONIA/b.png"]), FINDINGS)
    assert found.tolist() == [[1, 0], [0, 1]]


@pytest.fixture
def planted_folder(tmp_path):
    for name in ("train/NORMAL/a.png", "train/PNEUMONIA/b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize("data", [b"name,labels\n", b"path,labels\n", b"path,labels\nb.png,Mass\n", b""])
def test_a_list_that_cannot_be_used_is_a_sentence(data):
    with pytest.raises(UnusableData):
        listed([("list.csv", data)], ["a.png"])


def blob(row: float, column: float, width: float = 6.0) -> np.ndarray:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    return np.exp(-((y - row) ** 2 + (x - column) ** 2) / width)


def planted(number: int, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Maps of which a share lies on a tag in the corner, the others on two lungs, and which are which."""
    rng = np.random.default_rng(seed)
    tag = np.arange(number) < round(share * number)
    rng.shuffle(tag)
    maps = [
        blob(*rng.normal(1, 0.3, 2), 3)
        if on_tag
        else blob(*rng.normal((7, 4), 0.8)) + blob(*rng.normal((7, 10), 0.8))
        for on_tag in tag
    ]
    strengths = rng.uniform(0.1, 10, (number, 1, 1))  # how much evidence there is must not matter
    noise = rng.normal(0, 0.02, (number, SIDE, SIDE))
    return (strengths * (np.array(maps) + noise)).astype(np.float32), tag


@pytest.mark.parametrize(("number", "share"), [(16, 0.5), (24, 0.25), (60, 0.2), (400, 0.1)])
def test_two_planted_clusters_are_separated(number, share):
    maps, tag = planted(number, share)
    found = cluster_heatmaps(maps)
    assert len(found.clusters) == 2
    corner = found.clusters[0] if tag[found.clusters[0].members].mean() > 0.5 else found.clusters[1]
    assert sorted(corner.members) == np.flatnonzero(tag).tolist()
    assert np.unravel_index(corner.mean.argmax(), corner.mean.shape) in {(1, 1), (0, 1), (1, 0)}
    assert sum(len(cluster.members) for cluster in found.clusters) == number


@pytest.mark.parametrize("number", [16, 120, 400])
def test_a_single_cluster_is_not_split(number):
    maps, _ = planted(number, 0.0)
    assert len(cluster_heatmaps(maps).clusters) == 1
    assert len(cluster_heatmaps(maps, 3).clusters) == 3, "unless asked"


def test_maps_without_positive_evidence_are_left_out():
    maps, _ = planted(20, 0.3)
    maps[::2] = -np.abs(maps[::2])
    assert sorted(index for cluster in cluster_heatmaps(maps).clusters for index in cluster.members) == list(
        range(1, 20, 2)
    )
    with pytest.raises(UnusableData, match="Only 0 of these films"):
        cluster_heatmaps(-np.abs(maps))
