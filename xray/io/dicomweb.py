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
from pydicom import Dataset, dcmwrite
from pydicom.datadict import tag_for_keyword

from xray.errors import InvalidRequest, PacsUnavailable
from xray.io.dicomweb_objects import PATIENT, Stored, complete, parsed, results_of
from xray.io.film_classes import FILM_CLASSES
from xray.io.pacs_http import address, host_of, origin, pacs_errors, session_with
from xray.settings import settings

SCHEME = "dicomweb://"
PAGE = 500  # results of one request
FIELDS = ("StudyDate", "Modality", "BodyPartExamined", "StudyDescription", "SeriesDescription", "SOPClassUID")
OWN_SERIES = "Research only"  # end of the description of a series that this program made
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
        datasets = [parsed(data) for data in files]
        for study in {str(dataset.StudyInstanceUID) for dataset in datasets}:
            with pacs_errors(self.url):
                same = self._client.search_for_studies(
                    search_filters={"StudyInstanceUID": study}, fields=PATIENT, limit=1
                )
                known = Dataset.from_json(same[0]) if same else Dataset()
            for dataset in datasets:
                if dataset.StudyInstanceUID == study and not dataset.get("PatientID"):
                    complete(dataset, known)
        with pacs_errors(self.url):
            try:
                response = self._client.store_instances(datasets)
            except requests.HTTPError as error:
                if error.response is None or error.response.status_code != 409:  # 409: all were refused
                    raise
                response = Dataset.from_json(error.response.json())
            return results_of(datasets, response)


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
