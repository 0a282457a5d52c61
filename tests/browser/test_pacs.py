"""A film of a real PACS (Orthanc) in a real browser: search, open, and send the results back."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pydicom import dcmread
from pydicom.uid import DigitalXRayImageStorageForPresentation, generate_uid

from tests.browser.conftest import QUICK, at_rest, click_until, serving
from tests.corpus import dicom, simulated_png
from tests.pacs.conftest import PATIENT, configured, orthanc  # noqa: F401
from xray.io.dicomweb import Pacs, RemoteFilm

STUDY, SERIES, FILM = (generate_uid(entropy_srcs=["browser", str(number)]) for number in range(3))


@pytest.fixture
def pacs(orthanc, configured) -> Pacs:  # noqa: F811
    """The Orthanc with a simulated chest."""
    configured(pacs_url=orthanc, pacs_user="reader", pacs_password="pa55")
    server = Pacs()
    chest = dicom(
        np.asarray(Image.open(io.BytesIO(simulated_png(1)))),
        SOPClassUID=DigitalXRayImageStorageForPresentation,
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=SERIES,
        SOPInstanceUID=FILM,
        StudyDate="20240106",
        Modality="DX",
        BodyPartExamined="THORAX",
        SeriesDescription="Planted chest",
        **PATIENT,
    )
    assert not server.store([chest])[0].reason
    return server


@pytest.fixture
def page(window: Page, pacs) -> Iterator[Page]:
    options = {"XRAY_PACS_URL": pacs.url, "XRAY_PACS_USER": "reader", "XRAY_PACS_PASSWORD": "pa55"}
    with serving("dashboard.py", **options) as address:
        window.goto(f"{address}/?model={QUICK}")
        yield window


@pytest.mark.slow
def test_a_film_is_searched_opened_and_its_results_sent_after_a_yes(page, pacs):
    dialog = page.get_by_role("dialog")
    click_until(page.get_by_role("button", name="From PACS"), dialog)
    dialog.get_by_role("textbox", name="Body part").fill("THORAX")
    table = dialog.get_by_test_id("stDataFrame")
    click_until(dialog.get_by_role("button", name="Search"), table)
    at_rest(page)
    opens = dialog.get_by_role("button", name="Open 1 film")
    click_until(table, opens, position={"x": 20, "y": 52})  # the box of the first row
    opens.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("img", name="Radiograph pacs-")).to_be_visible()
    assert not any(value in page.content() for value in PATIENT.values())

    before = stored(pacs)
    at_rest(page)
    sends = page.get_by_role("button", name="Yes, send 3 objects")
    click_until(page.get_by_role("button", name="Send to PACS"), sends)
    expect(dialog.get_by_text(pacs.url)).to_be_visible()
    dialog.get_by_text("Overlay (Secondary Capture)").click()  # not this one
    confirm = page.get_by_role("button", name="Yes, send 2 objects")
    expect(confirm).to_be_visible()
    assert stored(pacs) == before, "nothing is sent before the confirmation"
    confirm.click()
    expect(dialog.get_by_text("stored.")).to_have_count(2)
    new = [item for item in stored(pacs) if item not in before]
    objects = [dcmread(io.BytesIO(pacs.retrieve(item))) for item in new]
    kinds = {item.SOPClassUID.name for item in objects}
    assert kinds == {"Comprehensive SR Storage", "Parametric Map Storage"}
    assert {(item.StudyInstanceUID, item.PatientID) for item in objects} == {(STUDY, PATIENT["PatientID"])}


def stored(pacs: Pacs) -> list[RemoteFilm]:
    """All objects of the study."""
    items = pacs._client.search_for_instances(search_filters={"StudyInstanceUID": STUDY})
    return [
        RemoteFilm(*(item[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018"))) for item in items
    ]
