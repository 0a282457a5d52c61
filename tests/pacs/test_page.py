"""Films from the PACS and from the receiver on a page; results are sent only after a confirmation."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pydicom import dcmread
from streamlit.testing.v1 import AppTest

from tests.corpus import dicom, ramp
from tests.io.test_dicom_map import case_of
from tests.pacs.conftest import ARM, CHEST, PATIENT, STUDY
from xray.access import Visitor, may_use
from xray.io import read_radiograph
from xray.io.dicomweb import RemoteFilm


def button() -> None:
    from xray.ui.pacs.opening import add_from_pacs

    add_from_pacs()


def choice() -> None:
    from xray.ui.pacs.opening import choose_films

    choose_films()


def opened_film(film) -> None:
    from functools import partial

    from xray.io.dicomweb import Pacs
    from xray.ui.pacs.opening import open_film

    open_film("pacs-1.dcm", partial(Pacs().retrieve, film))


def sending(case, source) -> None:
    from xray.ui.pacs.sending import confirm

    confirm(case, "Pneumonia", source)


def page(script: Any, *arguments: object) -> AppTest:
    return AppTest.from_function(script, default_timeout=60, args=arguments).run()


def text(shown: AppTest) -> str:
    kinds = (shown.markdown, shown.caption, shown.error, shown.info, shown.success)
    return "\n".join(element.value for kind in kinds for element in kind)


def press(shown: AppTest, label: str) -> AppTest:
    (pressed,) = [one for one in shown.button if one.label == label]
    return pressed.click().run()


def test_the_button_is_there_only_with_a_pacs_or_a_receiver_and_the_right_to_use_it(configured, tmp_path):
    assert not page(button).button
    configured(pacs_url="http://127.0.0.1:1", pacs_shared="true")
    assert [one.label for one in page(button).button] == ["From PACS"]
    configured(pacs_url="", received_dir=tmp_path)
    assert [one.label for one in page(button).button] == ["Received"]
    configured(pacs_shared="false", local_files="never")
    assert not page(button).button


@pytest.mark.parametrize(
    ("visitor", "allowed"),
    [
        (Visitor(origin="loopback"), True),
        (Visitor(origin="remote"), False),
        (Visitor(origin="remote", user="me", sign_in=True), True),
    ],
)
def test_the_pacs_is_for_local_and_signed_in_visitors_unless_it_is_shared(visitor, allowed, configured):
    assert may_use(visitor, "pacs") is allowed
    configured(pacs_shared="true")
    assert may_use(visitor, "pacs")


def test_a_search_lists_the_films_without_the_patient(pacs):
    shown = page(choice)
    next(one for one in shown.text_input if one.label == "Body part").input("CHEST")
    next(one for one in shown.selectbox if one.label == "Modality").select("DX")
    shown = press(shown, "Search")
    assert not shown.exception
    table = shown.dataframe[0].value
    assert {*table.columns} == {"Study date", "Modality", "Body part", "Description"}
    assert ["2024-01-05", "DX", "CHEST", "CHEST AP"] in table.values.tolist()
    assert not any(value in table.to_csv() + text(shown) for value in PATIENT.values())
    next(one for one in shown.text_input if one.label == "Body part").input("NOTHING")
    assert "No film matches the search." in text(press(shown, "Search"))


def test_a_pacs_that_cannot_be_reached_is_an_error_on_the_page(configured):
    configured(pacs_url="http://127.0.0.1:1/dicom-web", pacs_password="pa55")
    shown = press(page(choice), "Search")
    assert not shown.exception
    assert "cannot be reached" in text(shown)
    assert "pa55" not in text(shown)


def test_a_film_of_the_pacs_opens_as_an_uploaded_one(pacs, films):
    (found,) = pacs.search({"SOPInstanceUID": ARM})
    state = page(opened_film, found).session_state["session"]
    (film,) = state.films.values()
    assert film.sha256 == read_radiograph(films[ARM], "arm.dcm").sha256
    assert film.name == "pacs-1.dcm"
    assert dcmread(io.BytesIO(state.originals[state.shown])).SOPInstanceUID == ARM


def test_received_films_are_listed_without_their_header(configured, tmp_path):
    (tmp_path / "0123.dcm").write_bytes(dicom(ramp(), **PATIENT))
    configured(received_dir=tmp_path)
    shown = page(choice)
    assert [*shown.dataframe[0].value.columns] == ["Received", "Size"]
    configured(received_dir=tmp_path / "empty")
    assert "No film has been received." in text(page(choice))


def test_results_are_sent_after_a_confirmation_and_read_back(pacs, films):
    source = films[CHEST]
    case = case_of(read_radiograph(source, "chest.dcm"))
    before = _objects(pacs)
    shown = page(sending, case, source)
    assert not shown.exception
    assert shown.code[0].value == pacs.url
    assert [one.label for one in shown.checkbox] == [
        "Findings (structured report)",
        "Overlay (Secondary Capture)",
        "Raw map (Parametric Map)",
        "Area of the map (Segmentation)",
    ]
    assert all("study" in one.help for one in shown.checkbox)
    assert _objects(pacs) == before  # nothing was sent yet
    shown.checkbox[1].uncheck().run()
    shown = press(shown, "Yes, send 3 objects")
    assert [one.value for one in shown.success] == [
        "Findings (structured report): stored.",
        "Raw map (Parametric Map): stored.",
        "Area of the map (Segmentation): stored.",
    ]
    new = [item for uid, item in _objects(pacs).items() if uid not in before]
    assert len(new) == 3
    for item in new:
        back = dcmread(io.BytesIO(pacs.retrieve(item)))
        assert (back.StudyInstanceUID, back.PatientID) == (STUDY, PATIENT["PatientID"])
        if "FloatPixelData" in back:
            assert (back.pixel_array == case.explanation("Pneumonia").raw_map).all()


def _objects(pacs) -> dict[str, RemoteFilm]:
    """All objects of the study, by SOP Instance UID."""
    items = pacs._client.search_for_instances(search_filters={"StudyInstanceUID": STUDY}, fields=["Modality"])
    uids = [[item[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")] for item in items]
    return {uid[2]: RemoteFilm(*uid) for uid in uids}
