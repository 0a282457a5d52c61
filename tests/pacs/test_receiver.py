"""The receiver: films of a C-STORE client are stored under names from a hash, anything else is refused."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import CTImageStorage, EncapsulatedPDFStorage
from pynetdicom import AE

from tests.corpus import dataset_of, film
from tests.pacs.conftest import PATIENT
from xray.access import TERMINAL
from xray.cohort.source import folder
from xray.errors import ReceiverUnavailable
from xray.io import read_radiograph
from xray.io.received import received_films
from xray.io.receiver import Receiver

ECHO, CR = "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.1"


def a_film(**elements: object) -> Dataset:
    return dataset_of(film(), StudyInstanceUID="1.2", SeriesInstanceUID="1.3", **PATIENT, **elements)


def send(port: int, *datasets: Dataset, called: str = "XRAY", calling: str = "VIEWER") -> list[int] | None:
    """The status of C-ECHO and of each C-STORE; None if the association is rejected."""
    client = AE(calling)
    for kind in {ECHO, *(dataset.SOPClassUID for dataset in datasets)}:
        client.add_requested_context(
            kind, [dataset.file_meta.TransferSyntaxUID for dataset in datasets] or None
        )
    association = client.associate("127.0.0.1", port, ae_title=called)
    if not association.is_established:
        return None
    statuses = [association.send_c_echo().Status]
    for dataset in datasets:
        try:
            statuses.append(association.send_c_store(dataset).get("Status", -1))
        except ValueError:  # no accepted presentation context
            statuses.append(-1)
    association.release()
    return statuses


@pytest.fixture
def receiver(tmp_path) -> Iterator[tuple[int, Path]]:
    server = Receiver(tmp_path / "films", allowed=["VIEWER"], most_films=2)
    yield server.start("127.0.0.1", 0), tmp_path / "films"
    server.stop()


def test_a_film_is_stored_under_a_name_without_its_header_and_can_be_opened(receiver, configured):
    port, films = receiver
    assert send(port, a_film(), a_film()) == [0, 0, 0]  # the second is the same file
    (path,) = films.iterdir()
    assert re.fullmatch(r"[0-9a-f]{32}\.dcm", path.name)
    assert path.stat().st_mode & 0o077 == 0
    assert dcmread(path).PatientID == PATIENT["PatientID"]
    expected = read_radiograph(path.read_bytes(), path.name)
    (listed,) = folder(films, TERMINAL)
    assert listed.film().sha256 == expected.sha256
    configured(received_dir=films)
    (received,) = received_films()
    assert received.content() == path.read_bytes()


def test_other_objects_and_images_that_are_no_films_are_refused(receiver):
    port, films = receiver
    document = a_film(SOPClassUID=EncapsulatedPDFStorage)
    tomogram = a_film(SOPClassUID=CTImageStorage)
    tiny = dataset_of(film(8, 8), StudyInstanceUID="1.2", SeriesInstanceUID="1.3")
    assert send(port, document, tomogram, tiny, a_film()) == [0, -1, -1, 0xA900, 0]
    assert len(list(films.iterdir())) == 1


def test_a_full_folder_refuses_more_films(receiver):
    port, films = receiver
    statuses = send(port, *(a_film(InstanceNumber=number) for number in range(3)))
    assert statuses == [0, 0, 0, 0xA700]
    assert len(list(films.iterdir())) == 2


def test_other_ae_titles_are_rejected(receiver):
    port, films = receiver
    assert send(port, a_film(), called="ELSEWHERE") is None
    assert send(port, a_film(), calling="STRANGER") is None
    assert not list(films.iterdir())


def test_a_message_that_is_too_large_ends_the_association(receiver, monkeypatch):
    monkeypatch.setattr("xray.io.receiver.LARGEST_ENTRY", 1000)
    port, films = receiver
    assert send(port, a_film())[-1] == -1
    assert not list(films.iterdir())


def test_a_port_in_use_or_an_invalid_title_is_an_error(receiver, tmp_path):
    port, _ = receiver
    with pytest.raises(ReceiverUnavailable, match=f"port {port}"):
        Receiver(tmp_path).start("127.0.0.1", port)
    with pytest.raises(ReceiverUnavailable, match="AE title"):
        Receiver(tmp_path, ae_title="A TITLE THAT IS TOO LONG")


@pytest.mark.slow
def test_the_command_receives_until_sigterm(tmp_path):
    command = [sys.executable, "-m", "xray", "receive", "--port", "0", "--out", tmp_path / "films"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as server:
        try:
            port = int(re.search(r"port (\d+)", server.stdout.readline())[1])
            assert send(port, a_film()) == [0, 0]
            assert server.stdout.readline().startswith("Received ")
            with socket.create_connection(("127.0.0.1", port)):  # an idle connection does not delay the end
                server.send_signal(signal.SIGTERM)
                assert server.wait(20) == 0
        finally:
            server.kill()
    assert len(list((tmp_path / "films").iterdir())) == 1
