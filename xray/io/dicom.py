"""DICOM to a Radiograph: the first frame, its values of interest, polarity, spacing and view."""

from __future__ import annotations

import numpy as np
from pydicom import Dataset

from xray.io.bands import converted
from xray.io.color import color_of
from xray.io.dicom_bits import used_bits
from xray.io.dicom_frame import first_frame
from xray.io.dicom_header import numbers, read_header, text
from xray.io.dicom_lut import largest_entry, palette
from xray.io.dicom_module import PALETTE_COLOR
from xray.io.dicom_values import film_area, modality_values, values_of_interest
from xray.io.scaling import COLOR_NOTE, Samples, luminance, note_aspect
from xray.types import Color, Pixels, Radiograph

FEW = 512  # px of the short side that determine the color
VIEWS = ("PA", "AP", "LL", "RL", "LLD", "RLD", "LLO", "RLO", "LAT", "LATERAL", "CC", "MLO", "ML", "LM")
LATERAL = ("LL", "RL", "LAT", "LATERAL")
SECTIONAL = ("CT", "MR", "US", "NM", "PT")  # modalities without projection radiographs
CHEST = ("", "CHEST", "THORAX")  # BodyPartExamined; empty if it is missing


def read_dicom(data: bytes, name: str) -> Radiograph:
    """Read the first frame of a DICOM file (PS3.3 C.11.1 and C.11.2).

    Args:
        data: Contents of the file.
        name: Name of the file, for the Radiograph and for messages.

    Returns:
        The radiograph, float32 (H, W) in [0, 1]. Its notes state where the header is wrong.

    Raises:
        UnreadableImage: If the file has no image or is in a form that cannot be decoded.
        Exception: One of decode.DAMAGE for damaged bytes.
    """
    dataset = read_header(data, name)
    notes: list[str] = []
    stored = first_frame(dataset, name, notes)
    bits = 8 * stored.dtype.itemsize if "PixelData" not in dataset else int(dataset.BitsStored)
    if stored.ndim == 3:
        pixels, color = _from_color(stored, bits, notes)
    elif dataset.PhotometricInterpretation == PALETTE_COLOR:
        pixels, color = _from_palette(dataset, stored, notes)
    else:
        pixels, bits = _from_gray(dataset, stored, bits, name, notes)
        color = "gray"
    view = text(dataset, "ViewPosition")
    modality = text(dataset, "Modality")
    if view in LATERAL and text(dataset, "BodyPartExamined") in CHEST:
        notes.append("The header names a lateral view; chest models were trained on frontal films.")
    return Radiograph(
        np.clip(pixels, 0, 1, out=pixels),
        name,
        bit_depth=bits,
        spacing_mm=_spacing(dataset, notes),
        view=view if view in VIEWS else None,
        notes=tuple(notes),
        color=color,
        modality=modality if modality in SECTIONAL else "",
    )


def _from_palette(dataset: Dataset, stored: Samples, notes: list[str]) -> tuple[Pixels, Color]:
    tables = palette(dataset)
    full = largest_entry(tables, "palette", notes)
    notes.append(COLOR_NOTE)

    def colors(band: Samples) -> Samples:
        return np.stack([table.look_up(band) for table in tables], axis=-1) / np.float32(full)

    step = max(1, min(stored.shape) // FEW)
    return converted(stored, lambda band: luminance(colors(band))), color_of(colors(stored[::step, ::step]))


def _from_color(stored: Samples, bits: int, notes: list[str]) -> tuple[Pixels, Color]:
    notes.append(COLOR_NOTE)
    full = np.float32(2**bits - 1)
    pixels = converted(stored, lambda band: luminance((band / full).astype(np.float32)))
    return pixels, color_of(stored)


def _from_gray(
    dataset: Dataset, stored: Samples, bits: int, name: str, notes: list[str]
) -> tuple[Pixels, int]:
    film = film_area(dataset, stored, 8 * stored.dtype.itemsize, notes)
    if stored.dtype.kind in "iu":
        samples = stored if film is None else np.where(film, stored, stored[film].min())
        stored, bits = used_bits(dataset, samples, notes)
        if film is None and stored.dtype.kind == "i":
            film = film_area(dataset, stored, bits, notes)
    values = modality_values(dataset, stored, notes)
    full_scale = 255 if bits == 8 and stored.dtype.kind == "u" and np.array_equal(values, stored) else None
    pixels = values_of_interest(dataset, values, film, full_scale, name, notes)
    if note := _inverted(dataset):
        np.subtract(1, pixels, out=pixels)
        notes.append(note)
    if film is not None:
        pixels[~film] = 0
        notes.append("Padding around the film shown black.")
    return pixels, bits


def _inverted(dataset: Dataset) -> str:
    """The reason to invert pixels so that bright is dense, if there is one."""
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        return "Stored as MONOCHROME1: inverted, so that bright is dense."
    if text(dataset, "PresentationLUTShape") == "INVERSE":
        return "PresentationLUTShape is INVERSE: inverted, so that bright is dense."
    return ""


def _spacing(dataset: Dataset, notes: list[str]) -> tuple[float, float] | None:
    """Pixel spacing (row, column) in mm; notes on its origin and on pixels that are not square."""
    at_detector = _distances(dataset, "ImagerPixelSpacing")
    spacing = _distances(dataset, "PixelSpacing") or at_detector
    if sides := spacing or _distances(dataset, "PixelAspectRatio"):
        note_aspect(*sides, notes)
    if spacing and spacing == at_detector:
        notes.append("Pixel spacing is measured at the detector, not in the body.")
    return spacing


def _distances(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    values = numbers(dataset, keyword)
    if len(values) != 2 or not all(0 < value < np.inf for value in values):
        return None
    return values[0], values[1]
