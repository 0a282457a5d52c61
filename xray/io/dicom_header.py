"""DICOM headers: the elements that reading needs, and usual values in place of missing or unreadable ones."""

from __future__ import annotations

import zlib
from io import BytesIO
from math import isnan, nan

import numpy as np
from pydicom import Dataset, uid
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.errors import BytesLengthException
from pydicom.filereader import read_dataset, read_partial
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from xray.errors import UnreadableImage
from xray.io import scaling

PIXEL_DATA = ["PixelData", "FloatPixelData", "DoubleFloatPixelData"]
PALETTE = [f"{color}PaletteColorLookupTable" for color in ("Red", "Green", "Blue")]
FRAME_GROUPS = {  # functional groups (PS3.3 C.7.6.16) with elements that stand at the top of other objects
    "PixelMeasuresSequence": ["PixelSpacing"],
    "FramePixelDataPropertiesSequence": ["ImagerPixelSpacing"],
    "PixelValueTransformationSequence": ["RescaleSlope", "RescaleIntercept"],
    "FrameVOILUTSequence": ["WindowCenter", "WindowWidth", "VOILUTFunction"],
}
READ = [  # no other element is used
    *("SOPClassUID", "EncryptedAttributesSequence", "ViewPosition", "Modality", "BodyPartExamined"),
    *("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio", "PresentationLUTShape"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PlanarConfiguration", "PixelPresentation"),
    *("PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "PixelPaddingValue"),
    *("PixelPaddingRangeLimit", "VOILUTSequence", "VOILUTFunction", "WindowCenter", "WindowWidth"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *PIXEL_DATA,
    *(f"{table}{part}" for table in PALETTE for part in ("Descriptor", "Data")),
    *(f"Segmented{table}Data" for table in PALETTE),
]
REFERENCED = {f"1.2.840.10008.1.2.4.{number}" for number in (94, 95, 204, 205)}  # JPIP (PS3.5 A.6)
SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
UNREADABLE_VALUE = (AttributeError, LookupError, TypeError, ValueError, BytesLengthException)


def read_header(data: bytes, name: str) -> Dataset:
    """Read the elements of READ of a DICOM file, with those of the first frame's functional groups.

    Raises:
        UnreadableImage: If the file has no pixel data or is too large when inflated.
    """
    data = _with_preamble(data)
    _refuse_inflated(data, name)
    dataset = _elements(data)
    if not _has_pixel_data(dataset):
        dataset = _elements(data + SEQUENCE_DELIMITER)  # which ends pixel data of undefined length
    _require_pixel_data(dataset, name)
    if not dataset.file_meta.get("TransferSyntaxUID"):
        implicit, little = dataset.original_encoding
        explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian if implicit else explicit
    _copy_functional_groups(dataset)
    return dataset


def _elements(data: bytes) -> Dataset:
    """Read the elements of READ. Bytes behind the pixel data that are no known element are ignored."""
    pixel_data = {Tag(keyword) for keyword in PIXEL_DATA}
    seen = False

    def is_trailer(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal seen
        seen = seen or tag in pixel_data
        return seen and not dictionary_has_tag(tag)

    tags: list[BaseTag | int] = [Tag(keyword) for keyword in READ]
    return read_partial(BytesIO(data), is_trailer, force=True, specific_tags=tags)


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Numbers of an element of any value representation; nan for a value that is empty or no number."""
    try:
        value = dataset.get(keyword)
    except UNREADABLE_VALUE:
        value = dataset.get_item(keyword).value  # the bytes as stored
    if isinstance(value, bytes):
        if {"US", "SS"} & set(dictionary_VR(keyword).split(" or ")) and len(value) % 2 == 0:
            value = np.frombuffer(value, word(dataset)).tolist()
        else:
            value = value.decode("ascii", "replace")
    if isinstance(value, str):
        value = value.split("\\")
    values = value if isinstance(value, (list, MultiValue)) else [value]
    return [] if value is None else [_number(item) for item in values]


def word(dataset: Dataset) -> str:
    """Type of unsigned integers of 16 bits in the byte order of the file."""
    return ">u2" if dataset.original_encoding[1] is False else "<u2"


def number(dataset: Dataset, keyword: str) -> float | None:
    """First number of an element, or None."""
    return next((value for value in numbers(dataset, keyword) if not isnan(value)), None)


def integer(dataset: Dataset, keyword: str) -> int | None:
    """First number of an element if it is a positive integer or 0, or None."""
    value = number(dataset, keyword)
    return int(value) if value is not None and value >= 0 and value % 1 == 0 else None


def text(dataset: Dataset, keyword: str) -> str:
    """A code string in upper case, empty if it is missing; for comparison with defined terms only."""
    try:
        return str(dataset.get(keyword) or "").strip(" \0").upper()
    except UNREADABLE_VALUE:
        return ""


def _number(value: object) -> float:
    try:
        return float(str(value).strip(" \0").replace(",", "."))
    except ValueError:
        return nan


def _with_preamble(data: bytes) -> bytes:
    """Add the preamble that some files lack."""
    return bytes(128) + data if data.startswith(b"DICM") else data


def _refuse_inflated(data: bytes, name: str) -> None:
    """Refuse deflated data above the limit: it grows up to a thousandfold, and pydicom inflates all of it."""
    file = BytesIO(data)
    file.seek(132 if data[128:132] == b"DICM" else 0)
    meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag.group != 2)
    if meta.get("TransferSyntaxUID") == uid.DeflatedExplicitVRLittleEndian:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        inflater.decompress(file.read(), 4 * scaling.MAX_PIXELS)
        if inflater.unconsumed_tail:
            raise scaling.oversized(name)


def _has_pixel_data(dataset: Dataset) -> bool:
    return any(keyword in dataset for keyword in PIXEL_DATA)


def cut_short(name: str) -> UnreadableImage:
    """Return the error for a file that lacks pixel data or a part of them."""
    return UnreadableImage(
        f"{name} is a DICOM image whose pixel data is missing or cut short.",
        hint="Copy or download the whole file again, or upload a PNG of it.",
    )


def _require_pixel_data(dataset: Dataset, name: str) -> None:
    if _has_pixel_data(dataset):
        return
    if "EncryptedAttributesSequence" in dataset:
        raise UnreadableImage(
            f"{name} is an encrypted DICOM file.",
            hint="Decrypt it with the system that wrote it, and upload the result.",
        )
    if dataset.file_meta.get("TransferSyntaxUID") in REFERENCED:
        raise UnreadableImage(
            f"{name} is a DICOM file whose pixel data is on a server (JPIP).",
            hint="Export it again with the image, or upload a PNG.",
        )
    held = dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID")
    kind = uid.UID_dictionary[held][0] if held in uid.UID_dictionary else ""
    if "Rows" in dataset or "Image Storage" in kind:
        raise cut_short(name)
    raise UnreadableImage(
        f"{name} is a DICOM file without pixel data{f' ({kind})' if kind else ''}.",
        hint="Export it again with the image, or upload a PNG.",
    )


def _copy_functional_groups(dataset: Dataset) -> None:
    """Copy elements of the first frame to the top of the data set; groups per frame precede shared ones."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in (dataset.get(groups) or [])[:1]:
            for sequence, keywords in FRAME_GROUPS.items():
                for item in (group.get(sequence) or [])[:1]:
                    for keyword in keywords:
                        if any(not isnan(value) for value in numbers(item, keyword)) or text(item, keyword):
                            dataset[keyword] = item[keyword]
