"""The DICOM image that a film was read from: its UIDs, for documents that reference it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from pydicom import Dataset, dcmread
from pydicom.uid import UID

from xray.errors import InvalidRequest, UnreadableImage
from xray.io.decode import DAMAGE, read_radiograph
from xray.types import Radiograph


@dataclass(frozen=True)
class Source:
    """The DICOM image that a film was read from.

    Attributes:
        study: Study Instance UID.
        series: Series Instance UID.
        instance: SOP Instance UID.
        sop_class: SOP Class UID.
        frames: Number of frames; the film is the first one.
    """

    study: str
    series: str
    instance: str
    sop_class: str
    frames: int = 1

    @property
    def dataset(self) -> Dataset:
        """The UIDs as a data set, as a document needs to reference the image."""
        uids = Dataset()
        uids.StudyInstanceUID, uids.SeriesInstanceUID = self.study, self.series
        uids.SOPInstanceUID, uids.SOPClassUID = self.instance, self.sop_class
        return uids

    @property
    def reference(self) -> Dataset:
        """An item of a sequence that references the image (PS3.3, table 10-3)."""
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = self.sop_class, self.instance
        if self.frames > 1:
            item.ReferencedFrameNumber = 1
        return item


def source_of(data: bytes, film: Radiograph) -> Source:
    """Read the UIDs, and nothing else, of the DICOM file that a film was read from.

    Args:
        data: Contents of the file.
        film: The film.

    Raises:
        InvalidRequest: If the file is another film, not DICOM, or has no UIDs.
    """
    try:
        same = read_radiograph(data, film.name).sha256 == film.sha256
    except UnreadableImage:
        same = False
    if not same:
        raise InvalidRequest(
            f"The file is not the one that {film.name} was read from, or the film was changed since.",
            hint="Export without the UIDs of the source, or analyze the film as it is in its file.",
        )
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    try:
        header = dcmread(BytesIO(data), force=True, specific_tags=[*names, "NumberOfFrames"])
        uids = [str(header.get(name) or "") for name in names]
        frames = int(header.get("NumberOfFrames") or 1)
    except DAMAGE:
        uids, frames = [], 1  # not chained: messages of pydicom may quote the header
    if not uids or not all(UID(uid).is_valid for uid in uids):
        raise InvalidRequest(
            f"{film.name} has no UIDs of study, series and image.",
            hint="Export without the UIDs of the source.",
        )
    study, series, instance, sop_class = uids
    return Source(study, series, instance, sop_class, frames)
