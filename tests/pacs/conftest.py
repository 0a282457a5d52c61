"""An Orthanc server with sign-in on a free port, with films of code; and settings that name it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from pydicom.uid import DigitalXRayImageStorageForPresentation, generate_uid

from tests.corpus import dicom, ramp
from xray.io.dicomweb import Pacs
from xray.settings import settings

PLUGINS = sorted(Path("/usr/lib/orthanc").glob("libOrthancDicomWeb.so*"))
PATIENT = {"PatientName": "ZZPLANTED^JANE", "PatientID": "470814711", "PatientBirthDate": "19410814"}
STUDY, CHEST, ARM, *SERIES = (generate_uid(entropy_srcs=["xray tests", str(number)]) for number in range(5))


@pytest.fixture(scope="session")
def films() -> dict[str, bytes]:
    """A chest and an arm, both small, of one patient and study as DICOM files, by SOP Instance UID."""
    return {
        uid: dicom(
            ramp(48 + number),
            SOPClassUID=DigitalXRayImageStorageForPresentation,
            StudyInstanceUID=STUDY,
            SeriesInstanceUID=series,
            SOPInstanceUID=uid,
            StudyDate="20240105",
            StudyTime="101500",
            Modality="DX",
            BodyPartExamined=part,
            SeriesDescription=f"{part} AP",
            **PATIENT,
        )
        for number, (uid, series, part) in enumerate(((CHEST, SERIES[0], "CHEST"), (ARM, SERIES[1], "ARM")))
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory) -> Iterator[str]:
    """The DICOMweb address of an Orthanc that accepts the user `reader` with the password `pa55`."""
    if not (shutil.which("Orthanc") and PLUGINS):
        pytest.skip("Orthanc is not installed (apt-get install orthanc orthanc-dicomweb)")
    folder, port = tmp_path_factory.mktemp("orthanc"), free_port()
    options = {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(PLUGINS[0])],
        "HttpPort": port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"reader": "pa55"},
    }
    (folder / "orthanc.json").write_text(json.dumps(options))
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(["Orthanc", folder / "orthanc.json"], stdout=log, stderr=log) as server,
    ):
        address = f"http://127.0.0.1:{port}/dicom-web"
        try:
            _wait(address, server)
            yield address
        finally:
            server.kill()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            requests.get(f"{address}/studies", auth=("reader", "pa55"), timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Orthanc did not start")


@pytest.fixture
def configured(monkeypatch) -> Iterator[Callable[..., None]]:
    """Sets settings by name."""

    def set_settings(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"XRAY_{name.upper()}", str(value))
        settings.cache_clear()

    yield set_settings
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def pacs(orthanc, configured, films) -> Pacs:
    """The Orthanc with the two films, as the PACS of the settings."""
    configured(pacs_url=orthanc, pacs_user="reader", pacs_password="pa55")
    server = Pacs()
    if len(server.search({"StudyInstanceUID": STUDY})) < 2:
        server.store(list(films.values()))
    return server
