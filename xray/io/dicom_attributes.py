"""Attributes of a DICOM header by which films can be grouped; none of them identifies a person."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from xray.errors import UnreadableImage
from xray.io.dicom_header import UNREADABLE_VALUE, text
from xray.io.formats import located

ATTRIBUTES = (
    *("PatientAge", "PatientSex", "ViewPosition", "Modality", "BodyPartExamined"),
    *("Manufacturer", "ManufacturerModelName", "PhotometricInterpretation", "BurnedInAnnotation"),
)


def read_attributes(data: bytes, keywords: Sequence[str]) -> dict[str, str]:
    """Read some of ATTRIBUTES.

    Args:
        data: Contents of a file.
        keywords: DICOM keywords.

    Returns:
        Values by keyword; empty where the file is no DICOM file or does not state the value.
    """
    kind, start = located(data)
    if not keywords or kind != "DICOM":
        return dict.fromkeys(keywords, "")
    try:
        header = dcmread(
            BytesIO(data[start:]), stop_before_pixels=True, specific_tags=list(keywords), force=True
        )
        return {keyword: text(header, keyword) for keyword in keywords}
    except (InvalidDicomError, UnreadableImage, EOFError, *UNREADABLE_VALUE):
        return dict.fromkeys(keywords, "")
