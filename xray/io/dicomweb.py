"""A DICOMweb client: search for films (QIDO-RS), retrieve them (WADO-RS) and store results (STOW-RS).

Nothing that identifies a patient is kept of a search. Files that are stored get the patient of their study
from the PACS that they are sent to.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import requests
from dicomweb_client import DICOMwebClient
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.datadict import tag_for_keyword
from pydicom.uid import UID

from xray.errors import InvalidRequest, PacsUnavailable
from xray.io.decode import DAMAGE
from xray.io.film_classes import FILM_CLASSES
from xray.io.pacs_http import address, host_of, origin, pacs_errors, session_with
from xray.settings import settings

SCHEME = "dicomweb://"
PAGE = 500  # results of one request
FIELDS = ("StudyDate", "Modality", "BodyPartExamined", "StudyDescription", "SeriesDescription", "SOPClassUID")
PATIENT = (  # attributes of the patient and the study that an object of the study has to repeat
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription"),
)
OWN_SERIES = "Research only"  # end of the description of a series that this program made
FAILURES = {  # PS3.18, table 10.5.3-1; the key is the code without its last digits
    0x0110: "the server could not process it",
    0x0111: "the server has an object with the same UID",
    0x0117: "its UID is not valid",
    0x0122: "the server does not accept this kind of object",
    0x0124: "you are not permitted to store it",
}

for _library in ("dicomweb_client", "retrying"):  # both log addresses with the search
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class RemoteFilm:
    """A film in a PACS, without anything that identifies the patient.

    Attributes:
        study: Study Instance UID.
        series: Series Instance UID.
        instance: SOP Instance UID.
        date: Study date, as YYYY-MM-DD; empty if unknown.
        modality: Modality, such as DX.
        body_part: Body part examined.
        description: Description of the series, or else of the study.
    """

    study: str
    series: str
    instance: str
    date: str = ""
    modality: str = ""
    body_part: str = ""
    description: str = ""


@dataclass(frozen=True)
class Stored:
    """The result for one object that was sent: stored, or refused with a reason."""

    instance: str
    reason: str = ""


class Pacs:
    """A PACS with DICOMweb.

    Args:
        url: Its address; by default XRAY_PACS_URL.

    Raises:
        PacsUnavailable: If there is no address, or it is not valid.
    """

    def __init__(self, url: str = "") -> None:
        if not (url or settings().pacs_url):
            raise PacsUnavailable("No PACS is set.", hint="Set XRAY_PACS_URL to its DICOMweb address.")
        self.url = address(url or settings().pacs_url)

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return host_of(self.url)

    @cached_property
    def _client(self) -> DICOMwebClient:
        client = DICOMwebClient(
            self.url, session_with(self.url), chunk_size=2**31, timeout=settings().pacs_timeout
        )
        client.set_http_retry_params(retry=False)
        return client

    def search(self, filters: Mapping[str, str], most: int | None = None) -> list[RemoteFilm]:
        """Search for films.

        Args:
            filters: Values by DICOM keyword, such as `{"Modality": "DX", "StudyDate": "20240101-20241231"}`.
            most: Largest number of films; by default XRAY_PACS_FILMS.

        Returns:
            The films, the newest study first. Other objects, and results of this program, are left out.

        Raises:
            InvalidRequest: If a filter is not a DICOM keyword, or more films match.
            PacsUnavailable: If the PACS cannot be searched.
        """
        for keyword in filters:
            if tag_for_keyword(keyword) is None:
                raise InvalidRequest(
                    f"{keyword!r} is not a DICOM keyword.",
                    hint="Search by Modality or StudyDate, for example.",
                )
        most = most or settings().pacs_films
        # Any other character matches the wildcard, because older versions of Orthanc do not decode URLs.
        values = {keyword: re.sub(r"[^A-Za-z0-9.,*?_-]", "?", value) for keyword, value in filters.items()}
        found: dict[str, RemoteFilm] = {}
        seen: set[str] = set()
        while True:
            with pacs_errors(self.url):
                page = self._client.search_for_instances(
                    limit=PAGE, offset=len(seen), fields=FIELDS, search_filters=values
                )
                items = [Dataset.from_json(item) for item in page]
                new = [item for item in items if item.SOPInstanceUID not in seen]
                seen.update(item.SOPInstanceUID for item in new)
                found |= {item.SOPInstanceUID: _remote_film(item) for item in new if _is_film(item)}
            if len(found) > most:
                raise InvalidRequest(
                    f"More than {most:,} films of {self.host} match.",
                    hint="Narrow the search, or raise XRAY_PACS_FILMS.",
                )
            if not new:  # also when a server ignores the offset
                return sorted(found.values(), key=lambda film: (film.date, film.study), reverse=True)

    def retrieve(self, film: RemoteFilm) -> bytes:
        """Retrieve a film as a DICOM file in its stored transfer syntax.

        Raises:
            PacsUnavailable: If the PACS does not deliver it.
        """
        with pacs_errors(self.url):
            dataset = self._client.retrieve_instance(film.study, film.series, film.instance)
            if dataset.SOPInstanceUID != film.instance:
                raise ValueError("another object")
            buffer = BytesIO()
            dcmwrite(buffer, dataset)
            return buffer.getvalue()

    def store(self, files: Sequence[bytes]) -> list[Stored]:
        """Store DICOM files.

        Files with an empty patient get the patient of their study, if the PACS has the study.

        Args:
            files: Contents of the files.

        Returns:
            One result per file, in their order.

        Raises:
            InvalidRequest: If a file is not DICOM.
            PacsUnavailable: If the PACS does not take the request.
        """
        datasets = [_parsed(data) for data in files]
        for study in {str(dataset.StudyInstanceUID) for dataset in datasets}:
            with pacs_errors(self.url):
                same = self._client.search_for_studies(
                    search_filters={"StudyInstanceUID": study}, fields=PATIENT, limit=1
                )
                known = Dataset.from_json(same[0]) if same else Dataset()
            for dataset in datasets:
                if dataset.StudyInstanceUID == study and not dataset.get("PatientID"):
                    _complete(dataset, known)
        with pacs_errors(self.url):
            try:
                response = self._client.store_instances(datasets)
            except requests.HTTPError as error:
                if error.response is None or error.response.status_code != 409:  # 409: all were refused
                    raise
                response = Dataset.from_json(error.response.json())
            return _results(datasets, response)


def place(url: str) -> tuple[str, dict[str, str]]:
    """Split a URL `dicomweb://HOST/PATH?KEYWORD=VALUE` into an address and the filters of a search.

    The address has the scheme of XRAY_PACS_URL if host and port are the same, and https otherwise, or http on
    this computer. Without a host, it is XRAY_PACS_URL.

    Raises:
        PacsUnavailable: If there is no valid address.
        InvalidRequest: If a part of the search has no value.
    """
    bare, _, query = url.removeprefix(SCHEME).partition("?")
    try:
        filters = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        filters = {"": ""}
    if not all(filters.values()):
        raise InvalidRequest(
            f"The search in {SCHEME}{host_of('//' + bare)} is not valid.",
            hint="Write it as KEYWORD=VALUE, joined by &.",
        )
    if not bare.strip("/"):
        return Pacs().url, filters
    known = address(settings().pacs_url) if settings().pacs_url else ""
    secure = address(f"https://{bare}")
    plain = secure.replace("https://", "http://", 1)
    if known and origin(known) == origin(plain):
        return plain, filters
    if known and origin(known)[1:] == origin(secure)[1:]:
        return secure, filters
    is_local = re.fullmatch(r"localhost|127\..*|::1", urlsplit(secure).hostname or "")
    return (plain if is_local else secure), filters


def described(data: bytes) -> str:
    """Describe a DICOM file that is to be sent: its kind and its study, without the patient.

    Raises:
        InvalidRequest: If it is not a DICOM file.
    """
    dataset = _parsed(data)
    kind = UID(dataset.SOPClassUID).name.removesuffix(" Storage")
    return f"{kind}, study {dataset.StudyInstanceUID}, {len(data) / 2**10:,.0f} KiB"


def _is_film(item: Dataset) -> bool:
    """Whether a result of a search is an image that can be a film, and was not made by this program."""
    own = str(item.get("SeriesDescription") or "").endswith(OWN_SERIES)
    return item.get("SOPClassUID") in FILM_CLASSES and not own


def _remote_film(item: Dataset) -> RemoteFilm:
    def text(keyword: str) -> str:
        return str(item.get(keyword) or "").strip()

    date = text("StudyDate")
    return RemoteFilm(
        text("StudyInstanceUID"),
        text("SeriesInstanceUID"),
        text("SOPInstanceUID"),
        f"{date[:4]}-{date[4:6]}-{date[6:]}" if re.fullmatch(r"\d{8}", date) else "",
        text("Modality"),
        text("BodyPartExamined"),
        text("SeriesDescription") or text("StudyDescription"),
    )


def _parsed(data: bytes) -> Dataset:
    try:
        dataset = dcmread(BytesIO(data))
        _ = dataset.StudyInstanceUID, dataset.SOPInstanceUID, dataset.SOPClassUID
    except DAMAGE:
        raise InvalidRequest(
            "A file to send is not DICOM, or has no UIDs.", hint="Send DICOM files."
        ) from None
    return dataset


def _complete(dataset: Dataset, known: Dataset) -> None:
    """Fill empty attributes of patient and study from those of the study in the PACS."""
    for keyword in PATIENT:
        if keyword in known and not dataset.get(keyword):
            dataset[keyword] = known[keyword]


def _results(datasets: Sequence[Dataset], response: Dataset) -> list[Stored]:
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
