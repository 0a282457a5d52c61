"""Accepted reports and refused films are stored with their Case."""

import io
import json

import numpy as np
from PIL import Image

from tests.pages.conftest import dashboard, shown_text
from tests.pages.history.conftest import drop, history_page, lines, opened
from xray.history import query
from xray.history.filters import Filter
from xray.history.reports import open_report
from xray.ui.report.drafts import Desk
from xray.ui.report.saved import SavedReport


def test_an_accepted_report_is_saved_with_its_case_and_opened_again(chest, store):
    page = opened(switch=True)
    page.switch_page("pages/report.py").run()
    drop(page, chest)
    page.button(key="write report").click().run()
    assert page.button(key="save report").disabled
    page.button(key="accept report").click().run()
    page.button(key="save report").click().run()
    assert not page.exception
    assert page.button(key="save report").label == "Saved"
    (line,) = query.page(store, "", Filter())
    ((number, _),) = query.details(store, "", line.id).reports
    saved = open_report(store, "", number)
    (desk,) = page.session_state["session"].drafts.values()
    assert saved.report == desk.report
    assert "MEIER" not in saved.case.radiograph.name
    other = dashboard()
    other.session_state["session"].saved_report = None
    other.switch_page("pages/history.py").run()
    show = SavedReport(saved, Desk([("12:00:00", saved.report)]))
    other.session_state["session"].saved_report = show
    other.switch_page("pages/report.py").run()
    assert not other.exception
    shown = [json.loads(one.proto.json) for one in other.get("bidi_component")]
    component = next(one for one in shown if "sections" in one)
    texts = [one["text"] for section in component["sections"] for one in section["sentences"]]
    assert texts == [sentence.text for sentence in saved.report.sentences]
    assert {one.proto.label for one in other.get("download_button")} >= {"PDF", "HTML", "Markdown", "Bundle"}
    other.button(key="close saved").click().run()
    assert "Drop a film" in shown_text(other)


def test_a_refused_film_leaves_a_row_and_analyzing_it_anyway_fills_it(store):
    page = opened(switch=True)
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    drop(page, buffer.getvalue())
    page.run()
    (line,) = query.page(store, "", Filter())
    assert (line.gate_kind, line.finding) == ("too small", "")
    assert "only 40 x 40 px" in line.gate_reason
    assert lines(history_page(page))["Answer"].tolist() == ["refused"]
    page.switch_page("pages/analyze.py").run()
    next(one for one in page.button if one.label == "Analyze anyway").click().run()
    assert not page.exception
    (again,) = query.page(store, "", Filter())
    assert (again.id, again.gate_accepted, bool(again.finding)) == (line.id, False, True)
