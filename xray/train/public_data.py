"""The public collections that recipes read: where each is published, and its folder on this computer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from xray.errors import UnusableData
from xray.registry import Registry


@dataclass(frozen=True)
class Collection:
    """A public collection of films or readings.

    Attributes:
        title: What it contains.
        licence: Licence of the films or readings.
        citation: Publication to cite.
        address: Where it is published.
        size: Number of films and size of the download.
        expects: What the download must contain, for messages.
        folder: Folder under `XRAY_TRAINING_DATA` that recipes read.
        prepared_by: Module of `xray.train.prepare` whose function `prepare` writes that folder.
        side: Side of the prepared films in px, if several collections share the module.
    """

    title: str
    licence: str
    citation: str
    address: str
    size: str
    expects: str
    folder: str
    prepared_by: str
    side: int = 0


COLLECTIONS: Registry[Collection] = Registry("collection", UnusableData)

NIH = Collection(
    title="NIH ChestX-ray14, films at 256 px",
    licence="no restriction; link to the address, cite the paper, acknowledge the NIH Clinical Center",
    citation="Wang et al. 2017, arXiv:1705.02315",
    address="https://nihcc.app.box.com/v/ChestXray-NIHCC",
    size="112,120 films, 42 GB; any part of the archives can be used",
    expects="PNG films such as 00000001_000.png, alone, in images_001/images/ or in archives, with "
    "Data_Entry_2017.csv or Data_Entry_2017_v2020.csv, train_val_list.txt and test_list.txt, and optionally "
    "BBox_List_2017.csv",
    folder="data/chest",
    prepared_by="nih",
    side=256,
)
COLLECTIONS.add("nih-chest", NIH)
COLLECTIONS.add(
    "nih-chest-128",
    replace(
        NIH,
        title="NIH ChestX-ray14, films of the archive images_002 at 128 px",
        size="10,000 films, about 4 GB",
        folder="data/chest128",
        side=128,
    ),
)
COLLECTIONS.add(
    "rsna-readings",
    Collection(
        title="Radiologists' readings and boxes of NIH films, RSNA Pneumonia Detection Challenge",
        licence="academic, commercial or other use with attribution (terms of use of RSNA)",
        citation="Shih et al. 2019, doi:10.1148/ryai.2019180041",
        address="https://www.rsna.org/education/ai-resources-and-training/ai-image-challenge/"
        "rsna-pneumonia-detection-challenge-2018 (mapping), "
        "https://www.kaggle.com/c/rsna-pneumonia-detection-challenge (CSV files)",
        size="readings of 26,684 films; the DICOM files of the challenge are not needed",
        expects="stage_2_train_labels.csv, stage_2_detailed_class_info.csv and "
        "pneumonia-challenge-dataset-mappings_2018.json",
        folder="data/chest_readings",
        prepared_by="rsna",
    ),
)
COLLECTIONS.add(
    "kermany-pneumonia",
    Collection(
        title="Chest films of children, normal or pneumonia",
        licence="CC BY 4.0",
        citation="Kermany et al. 2018, doi:10.1016/j.cell.2018.02.010",
        address="https://doi.org/10.17632/rscbjbr9sj.2 or "
        "https://www.kaggle.com/datasets/paultimothymooney/chest-xray-pneumonia",
        size="5,856 films, 1.2 GB",
        expects="the folder chest_xray with train/, test/ and optionally val/, each with NORMAL/ and "
        "PNEUMONIA/",
        folder="data/pneumonia",
        prepared_by="kermany",
        side=224,
    ),
)
COLLECTIONS.add(
    "fracatlas",
    Collection(
        title="FracAtlas, limbs, hips and shoulders with boxes of fractures",
        licence="CC BY 4.0",
        citation="Abedeen et al. 2023, doi:10.1038/s41597-023-02432-4",
        address="https://doi.org/10.6084/m9.figshare.22363012",
        size="4,083 films, 717 with fractures, 0.3 GB",
        expects="FracAtlas' folder with images/Fractured/, images/Non_fractured/, Annotations/YOLO/, "
        "Utilities/Fracture Split/ (train.csv, valid.csv, test.csv) and dataset.csv",
        folder="data/fracture",
        prepared_by="fracatlas",
        side=1024,
    ),
)
COLLECTIONS.add(
    "montgomery-lungs",
    Collection(
        title="Montgomery County chest films with lung masks",
        licence="free use; attribute the National Library of Medicine",
        citation="Jaeger et al. 2014, doi:10.3978/j.issn.2223-4292.2014.11.20; Candemir et al. 2014, "
        "doi:10.1109/TMI.2013.2290491",
        address="https://data.lhncbc.nlm.nih.gov/public/Tuberculosis-Chest-X-ray-Datasets/"
        "Montgomery-County-CXR-Set/MontgomerySet/index.html",
        size="138 films, about 0.6 GB",
        expects="MontgomerySet with CXR_png/, ManualMask/leftMask/, ManualMask/rightMask/ and "
        "ClinicalReadings/",
        folder="data/chest_masks",
        prepared_by="montgomery",
        side=320,
    ),
)
COLLECTIONS.add(
    "body-regions",
    Collection(
        title="Body regions and CT and MR images: MedNIST, and FracAtlas if it is there",
        licence="MedNIST: CC BY-SA 4.0; FracAtlas: CC BY 4.0",
        citation="MedNIST: B. J. Erickson (Mayo Clinic), from TCIA, the RSNA Bone Age Challenge and NIH; "
        "FracAtlas: Abedeen et al. 2023",
        address="https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/MedNIST.tar.gz",
        size="58,954 images of 64 px, 60 MB",
        expects="MedNIST's folders AbdomenCT/, BreastMRI/, ChestCT/, CXR/, Hand/ and HeadCT/, and optionally "
        "FracAtlas' folder with dataset.csv",
        folder="data/region",
        prepared_by="regions",
        side=256,
    ),
)


def folder_name(name: str) -> str:
    """Return the folder of a collection under `XRAY_TRAINING_DATA`; any other name is a path already."""
    return COLLECTIONS[name].folder if name in COLLECTIONS else name


def collection_folder(name: str, root: Path) -> Path:
    """Return the folder of a collection, or of a path relative to the root.

    Raises:
        UnusableData: If the collection is not there.
    """
    folder = root / folder_name(name)
    if name in COLLECTIONS and not folder.is_dir():
        raise UnusableData(
            f"The data set {name} is not on this computer.",
            hint=f"Set XRAY_TRAINING_DATA to the folder that contains {COLLECTIONS[name].folder}, or "
            f"download it and run `python -m xray data prepare {name} --from DOWNLOAD` (docs/data.md).",
        )
    return folder


def data_folder(given: Path) -> Path:
    """Return the folder of a data set.

    Args:
        given: A path, or a name in COLLECTIONS. An existing path takes precedence over a name.

    Returns:
        The path itself, or the folder of that collection under `XRAY_TRAINING_DATA`.

    Raises:
        UnusableData: If a named data set is not there.
    """
    from xray.settings import settings  # with pydantic-settings, which `python -m xray --help` does not need

    if str(given) not in COLLECTIONS or given.exists():
        return given
    return collection_folder(str(given), settings().training_data)
