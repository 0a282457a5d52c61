"""DICOM objects that are stored in a PACS: their descriptions, and the server's result for each (STOW-RS)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pydicom import Dataset, dcmread
from pydicom.uid import UID

from xray.errors import InvalidRequest
from xray.io.decode import DAMAGE

PATIENT = (  # attributes of the patient and the study that an object of the study has to repeat
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription"),
)
FAILURES = {  # PS3.18, table 10.5.3-1; the key is the code without its last digits
    0x0110: "the server could not process it",
    0x0111: "the server has an object with the same UID",
    0x0117: "its UID is not valid",
    0x0122: "the server does not accept this kind of object",
    0x0124: "you are not permitted to store it",
}


@dataclass(frozen=True)
class Stored:
    """The result for one object that was sent: stored, or refused with a reason."""

    instance: str
    reason: str = ""


def described(data: bytes) -> str:
    """Describe a DICOM file that is to be sent: its kind and its study, without the patient.

    Raises:
        InvalidRequest: If it is not a DICOM file.
    """
    dataset = parsed(data)
    kind = UID(dataset.SOPClassUID).name.removesuffix(" Storage")
    return f"{kind}, study {dataset.StudyInstanceUID}, {len(data) / 2**10:,.0f} KiB"


def parsed(data: bytes) -> Dataset:
    """Read an object to store. Raises InvalidRequest if it is not DICOM or has no UIDs."""
    try:
        dataset = dcmread(BytesIO(data))
        _ = dataset.StudyInstanceUID, dataset.SOPInstanceUID, dataset.SOPClassUID
    except DAMAGE:
        raise InvalidRequest(
            "A file to send is not DICOM, or has no UIDs.", hint="Send DICOM files."
        ) from None
    return dataset


def complete(dataset: Dataset, known: Dataset) -> None:
    """Fill empty attributes of patient and study from those of the study in the PACS."""
    for keyword in PATIENT:
        if keyword in known and not dataset.get(keyword):
            dataset[keyword] = known[keyword]


def results_of(datasets: Sequence[Dataset], response: Dataset) -> list[Stored]:
    """Read the response to STOW-RS: one result per object, in their order."""
    stored = {item.ReferencedSOPInstanceUID for item in response.get("ReferencedSOPSequence") or ()}
    refused = {
        item.ReferencedSOPInstanceUID: _reason(int(item.get("FailureReason") or 0))
        for item in response.get("FailedSOPSequence") or ()
    }
    results = []
    for dataset in datasets:
        uid = dataset.SOPInstanceUID
        reason = "" if uid in stored else refused.get(uid, "the server did not confirm it")
        results.append(Stored(str(uid), reason))
    return results


def _reason(code: int) -> str:
    if code in FAILURES:
        return f"{FAILURES[code]} (code {code:04X})"
    by_range = {0xA7: "the server is out of resources", 0xA9: "it does not fit its kind of object"}
    named = by_range.get(code >> 8, "the server cannot understand it" if code >> 12 == 0xC else "")
    return f"{named or 'the server refused it'} (code {code:04X})"
