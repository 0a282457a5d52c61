"""Montgomery's films with both masks become squares that the lung network's training reads."""

import numpy as np

from tests.train.prepare.downloads import film, pixels, png, rows
from xray.train.lungs.films import LungFilm


def mask(left: int, right: int, shape: tuple[int, int] = (400, 480)) -> bytes:
    drawn = np.zeros(shape, np.uint8)
    drawn[100:300, left:right] = 255
    return png(drawn)


def download(gap: int = 60) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {}
    for seed, name in enumerate(("MCUCXR_0001_0", "MCUCXR_0104_1")):
        files[f"MontgomerySet/CXR_png/{name}.png"] = png(film(seed, (400, 480)))
        files[f"MontgomerySet/ManualMask/rightMask/{name}.png"] = mask(90, 210)
        files[f"MontgomerySet/ManualMask/leftMask/{name}.png"] = mask(210 + gap, 390)
        files[f"MontgomerySet/ClinicalReadings/{name}.txt"] = (
            "Patient's Sex: F\nPatient's Age: 027Y\nnormal\n"
        )
    files["MontgomerySet/CXR_png/MCUCXR_0002_0.png"] = png(film(9, (400, 480)))
    return files


def test_both_masks_are_one_and_labels_follow_the_name(prepared, root):
    facts = prepared("montgomery-lungs", download())
    folder = root / "data/chest_masks"
    assert [
        (row["patient_id"], row["labels"], row["age"], row["sex"]) for row in rows(folder / "labels.csv")
    ] == [
        ("MCUCXR_0001", "Normal", "27", "F"),
        ("MCUCXR_0104", "Tuberculosis", "27", "F"),
    ]
    assert facts["left_out"]["film without both masks"]["n"] == 1
    expected = np.zeros((320, 320), bool)
    expected[80:240, 60:140] = expected[80:240, 180:260] = True  # 400 x 480 px in 320 x 320
    found = pixels(folder / "masks/MCUCXR_0001_0.png")
    assert set(np.unique(found)) == {0, 255}
    assert ((found > 127) != expected).mean() < 0.001
    assert pixels(folder / "images/MCUCXR_0001_0.jpg").shape == (320, 320)


def test_the_training_of_the_lung_network_reads_them(prepared, root):
    prepared("montgomery-lungs", download())
    folder = root / "data/chest_masks"
    one = LungFilm(
        folder / "images/MCUCXR_0001_0.jpg", frozenset(), "", "", mask=folder / "masks/MCUCXR_0001_0.png"
    )
    read = one.with_masks()
    assert (read.masks > 127).mean((1, 2)).tolist() == [0.125, 0.125]  # 80 x 160 of 320 x 320 px each


def test_masks_that_touch_are_left_out(prepared):
    files = download()
    files["MontgomerySet/ManualMask/leftMask/MCUCXR_0104_1.png"] = mask(200, 390)
    facts = prepared("montgomery-lungs", files)
    assert facts["left_out"]["film whose masks are not two separate lungs"]["examples"] == [
        "MCUCXR_0104_1.png"
    ]
