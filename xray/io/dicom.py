"""DICOM to a Radiograph: modality LUT, VOI LUT or window, then bright = dense; nothing else of the header."""

from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread, uid
from pydicom.encaps import get_frame
from pydicom.filereader import read_dataset
from pydicom.multival import MultiValue
from pydicom.pixels import apply_color_lut, get_decoder, pixel_array
from scipy.special import expit

from xray.errors import UnreadableImage
from xray.io import scaling
from xray.io.jpeg import codestream_shape
from xray.io.scaling import Samples
from xray.types import Pixels, Radiograph

PIXEL_DATA = ["PixelData", "FloatPixelData", "DoubleFloatPixelData"]
PALETTE = [f"{color}PaletteColorLookupTable" for color in ("Red", "Green", "Blue")]
READ = [  # no other element of the header is ever looked at
    *("SOPClassUID", "EncryptedAttributesSequence", "ViewPosition", "PixelSpacing", "ImagerPixelSpacing"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PlanarConfiguration", "PixelPresentation"),
    *("PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "PixelPaddingValue"),
    *("PixelPaddingRangeLimit", "VOILUTSequence", "VOILUTFunction", "WindowCenter", "WindowWidth"),
    *PIXEL_DATA,
    *(f"{table}{part}" for table in PALETTE for part in ("Descriptor", "Data")),
    *(f"Segmented{table}Data" for table in PALETTE),
]
CODESTREAMS = (*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes, *uid.JPEG2000TransferSyntaxes)
COLORS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
VIEWS = ("PA", "AP", "LL", "RL", "LLD", "RLD", "LLO", "RLO", "LAT", "LATERAL", "CC", "MLO", "ML", "LM")


def read_dicom(data: bytes, name: str) -> Radiograph:
    """The first frame of a DICOM file as float32 (H, W) in [0, 1], by DICOM PS3.3 C.11.1 and C.11.2.

    Raises UnreadableImage for a file without a picture to show, and one of decode.DAMAGE for damaged bytes.
    """
    _refuse_inflated(data, name)
    dataset = dcmread(BytesIO(data), force=True, specific_tags=READ)
    _require_pixel_data(dataset, name)
    syntax = _transfer_syntax(dataset)
    _require_decoder(syntax, name)
    notes: list[str] = []
    stored = _first_frame(dataset, syntax, name, notes)
    if stored.ndim == 3 or dataset.PhotometricInterpretation == "PALETTE COLOR":
        pixels = _from_color(dataset, stored, name, notes)
    else:
        pixels = _from_gray(dataset, stored, name, notes)
    view = str(dataset.get("ViewPosition") or "").strip().upper()
    return Radiograph(
        np.clip(np.ascontiguousarray(pixels, dtype=np.float32), 0.0, 1.0),
        name,
        bit_depth=int(dataset.get("BitsStored") or dataset.BitsAllocated),
        spacing_mm=_spacing(dataset, notes),
        view=view if view in VIEWS else None,
        notes=tuple(notes),
    )


def _refuse_inflated(data: bytes, name: str) -> None:
    """Deflated data grows up to a thousandfold, and pydicom inflates it whole: its size is bounded here."""
    file = BytesIO(data)
    file.seek(132 if data[128:132] == b"DICM" else 0)
    meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag.group != 2)
    if meta.get("TransferSyntaxUID") == uid.DeflatedExplicitVRLittleEndian:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        inflater.decompress(file.read(), 4 * scaling.MAX_PIXELS)
        if inflater.unconsumed_tail:
            raise scaling.oversized(name)


def _require_pixel_data(dataset: Dataset, name: str) -> None:
    if any(keyword in dataset for keyword in PIXEL_DATA):
        return
    if "EncryptedAttributesSequence" in dataset:
        raise UnreadableImage(
            f"{name} is an encrypted DICOM file.",
            hint="Decrypt it with the system that wrote it, and upload the result.",
        )
    held = dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID")
    kind = uid.UID_dictionary[held][0] if held in uid.UID_dictionary else ""
    if "Rows" in dataset or "Image Storage" in kind:
        raise UnreadableImage(
            f"{name} is a DICOM image whose pixel data is missing or cut short.",
            hint="Copy or download the whole file again, or upload a PNG of it.",
        )
    raise UnreadableImage(
        f"{name} is a DICOM file without pixel data{f' ({kind})' if kind else ''}.",
        hint="Export it again with the image, or upload a PNG.",
    )


def _transfer_syntax(dataset: Dataset) -> uid.UID:
    """What the file says; for a bare data set, what pydicom found it written in."""
    if not dataset.file_meta.get("TransferSyntaxUID"):
        implicit, little = dataset.original_encoding
        explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian if implicit else explicit
    return dataset.file_meta.TransferSyntaxUID


def _require_decoder(syntax: uid.UID, name: str) -> None:
    called = uid.UID_dictionary[syntax][0] if syntax in uid.UID_dictionary else "a private transfer syntax"
    if syntax in uid.MPEGTransferSyntaxes:
        raise UnreadableImage(
            f"{name} is a DICOM video ({called}).",
            hint="Export one of its frames as a still image, and upload that.",
        )
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        decoder = None
    if decoder is None or not decoder.is_available:
        packages = f"install one of: {'; '.join(decoder.missing_dependencies)}" if decoder else "upload a PNG"
        raise UnreadableImage(
            f"{name} is compressed as {called}, for which no decoder is installed.",
            hint=f"Export it uncompressed, or {packages}.",
        )


def _first_frame(dataset: Dataset, syntax: uid.UID, name: str, notes: list[str]) -> Samples:
    scaling.refuse_oversized(name, dataset.Rows, dataset.Columns)
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        notes.append(f"First of {frames} frames.")
    if syntax in CODESTREAMS:
        frame = get_frame(dataset.PixelData, 0, number_of_frames=frames)
        # Some decoders fill what a cut codestream lacks, and trust its size over the header's.
        if b"\xff\xd9" not in frame[-16:]:
            raise ValueError("codestream without an end")
        if codestream_shape(frame) != (dataset.Rows, dataset.Columns, dataset.SamplesPerPixel):
            raise ValueError("codestream of another size")
    return pixel_array(dataset, index=0, decoding_plugin="pydicom" if syntax == uid.RLELossless else "")


def _from_color(dataset: Dataset, stored: Samples, name: str, notes: list[str]) -> Pixels:
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        stored = apply_color_lut(stored, dataset)[..., :3]
        bits = 8 * stored.dtype.itemsize
    elif dataset.PhotometricInterpretation in COLORS:
        bits = dataset.BitsStored
    else:
        raise UnreadableImage(
            f"{name} is a DICOM file in a color space that is not supported.",
            hint="Export it again in grayscale or RGB, or upload a PNG.",
        )
    notes.append(scaling.COLOR_NOTE)
    return scaling.luminance((stored / np.float32(2**bits - 1)).astype(np.float32))


def _from_gray(dataset: Dataset, stored: Samples, name: str, notes: list[str]) -> Pixels:
    film = _film(dataset, stored)
    pixels = _values_of_interest(dataset, _modality_values(dataset, stored), film, name, notes)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        pixels = 1 - pixels
        notes.append("Stored as MONOCHROME1: inverted, so that bright is dense.")
    if film is not None:
        pixels = np.where(film, pixels, np.float32(0))
        notes.append("Padding around the film shown black.")
    return pixels


def _film(dataset: Dataset, stored: Samples) -> NDArray[np.bool_] | None:
    """Where pixels are no padding (PS3.3 C.7.5.1.1.2); None where there is nothing to tell apart."""
    if (low := dataset.get("PixelPaddingValue")) is None:
        return None
    low, high = sorted((low, dataset.get("PixelPaddingRangeLimit", low)))
    film = (stored < low) | (stored > high)
    return film if film.any() and not film.all() else None


def _modality_values(dataset: Dataset, stored: Samples) -> Samples:
    if dataset.get("ModalityLUTSequence"):
        return _look_up(dataset, dataset.ModalityLUTSequence[0], stored)
    values: Samples = stored.astype(np.float32 if stored.dtype.itemsize <= 2 else np.float64)
    slope, intercept = _numbers(dataset, "RescaleSlope"), _numbers(dataset, "RescaleIntercept")
    return values * slope[0] + intercept[0] if slope and intercept else values


def _values_of_interest(
    dataset: Dataset, values: Samples, film: NDArray[np.bool_] | None, name: str, notes: list[str]
) -> Pixels:
    if luts := dataset.get("VOILUTSequence"):
        notes.append("VOI LUT applied." if len(luts) == 1 else f"First of {len(luts)} VOI LUTs applied.")
        return _look_up(dataset, luts[0], values) / np.float32(2 ** luts[0].LUTDescriptor[2] - 1)
    centers, widths = _numbers(dataset, "WindowCenter"), _numbers(dataset, "WindowWidth")
    if centers and widths:
        center, width, function = centers[0], widths[0], dataset.get("VOILUTFunction")
        linear = function not in ("LINEAR_EXACT", "SIGMOID")
        if np.isfinite([center, width]).all() and (width >= 1 if linear else width > 0):
            pixels = window(values, center, width, function)
            if pixels.min() < pixels.max():
                choice = f"First of {len(centers)} windows" if len(centers) > 1 else "Windowed"
                notes.append(f"{choice}: center {center:g}, width {width:g}.")
                return pixels
        notes.append("The window in the file shows nothing of this film.")
    return scaling.own_range(values, name, notes, film)


def window(values: Samples, center: float, width: float, function: str | None = None) -> Samples:
    """Values to [0, 1]: DICOM PS3.3 C.11.2.1.2 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).

    width: at least 1 for LINEAR, above 0 for the others.
    """
    if function == "SIGMOID":
        return expit(4 * (values - center) / width)
    if function != "LINEAR_EXACT":
        center, width = center - 0.5, width - 1
    if width == 0:
        return (values > center).astype(np.float32)
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


def _look_up(dataset: Dataset, item: Dataset, values: Samples) -> Pixels:
    """Values through the table of a LUT item; those beyond its ends take its first or last entry."""
    entries, first, _ = item.LUTDescriptor
    table = item.LUTData
    if isinstance(table, bytes):
        bytes_each = 1 if len(table) < 2 * (entries or 65536) else 2
        table = np.frombuffer(table, f"{'<' if dataset.original_encoding[1] else '>'}u{bytes_each}")
    table = np.asarray(table, dtype=np.float32)[: entries or 65536]
    return table[np.clip(np.rint(values) - first, 0, len(table) - 1).astype(np.intp)]


def _spacing(dataset: Dataset, notes: list[str]) -> tuple[float, float] | None:
    at_detector = _numbers(dataset, "ImagerPixelSpacing")
    spacing = _numbers(dataset, "PixelSpacing") or at_detector
    if len(spacing) != 2 or not all(0 < distance < np.inf for distance in spacing):
        return None
    if spacing == at_detector:
        notes.append("Pixel spacing is measured at the detector, not in the body.")
    return spacing[0], spacing[1]


def _numbers(dataset: Dataset, keyword: str) -> list[float]:
    """The numbers of an element; none where it is absent, empty or no number."""
    try:
        value = dataset.get(keyword)
        return [float(one) for one in (value if isinstance(value, MultiValue) else [value])]
    except (TypeError, ValueError):
        return []
