"""Refusals and accepted reports in the history, and the function that keeps results of every interface."""

from dataclasses import replace

import numpy as np
import pytest
from fastapi import Request

from tests.history.planted import NAME, case, check
from xray.api.keeping import keeper_of
from xray.cohort.record import keep_row
from xray.cohort.row import Row
from xray.errors import HistoryUnavailable, RefusedRadiograph
from xray.history import keeping, query
from xray.history.filters import Filter
from xray.history.keeping import Keeper, history
from xray.history.record import record_of_refusal
from xray.history.reports import AcceptedReport, open_report, packed, save_report, unpacked
from xray.models.registry import entry
from xray.report import Report
from xray.report.types import Fact, Sentence
from xray.settings import settings
from xray.types import GateResult

REASON = "This film seems to lie on its side."
REFUSAL = RefusedRadiograph(
    f"{NAME}: {REASON}",
    "Turn it.",
    reason=REASON,
    kind="sideways",
    model_id="planted",
    weights_sha256="a" * 64,
)
FACTS = (
    Fact(
        1, "findings", "Effusion 90%.", "Effusion", "probability", {"probability": 0.9, "answer": "present"}
    ),
)
REPORT = Report("template", "Be brief.", FACTS, (Sentence("Effusion.", "findings", (1,), ("Too short.",)),))
ACCEPTED = replace(REPORT, accepted=True)


@pytest.fixture
def local(tmp_path, monkeypatch):
    """The history of a data folder."""
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("XRAY_HISTORY", raising=False)
    settings.cache_clear()
    yield tmp_path / "data"
    if (tmp_path / "data").exists():
        history().close()
    monkeypatch.undo()
    settings.cache_clear()


def test_a_refused_film_leaves_a_row_with_its_reason_and_without_a_picture(store):
    number = store.keep(record_of_refusal(case().radiograph, REFUSAL))
    (line,) = query.page(store, "", Filter(verdict="refused by the gate"))
    assert (line.id, line.gate_kind, line.gate_reason, line.finding) == (number, "sideways", REASON, "")
    assert np.isnan(line.probability)
    assert line.thumbnail is None
    details = query.details(store, "", number)
    assert (details.answers, details.overlay, details.analysis.file_name) == ((), b"", None)
    assert query.models(store, "") == {"planted": ()}
    assert query.page(store, "", Filter(verdict="not checked")) == []


def test_a_film_analyzed_after_its_refusal_keeps_its_number_and_gets_answers(store):
    refused = GateResult.of(REFUSAL)
    number = store.keep(record_of_refusal(case().radiograph, REFUSAL))
    assert store.keep(case(gate=refused)) == number
    (line,) = query.page(store, "", Filter())
    assert (line.finding, line.probability, line.gate_accepted) == ("Effusion", pytest.approx(0.9), False)
    assert line.thumbnail
    store.keep(record_of_refusal(case().radiograph, REFUSAL))
    assert len(query.details(store, "", number).answers) == 3


def test_a_saved_report_is_read_back_with_its_case_and_only_by_its_owner(store):
    checks = (check("deletion", "passed"), check("road", "cannot be judged", float("nan")))
    number = store.keep(case(), "me")
    saved = save_report(store, number, "me", AcceptedReport(case(), ACCEPTED, checks))
    opened = open_report(store, "me", saved)
    film = case().radiograph
    assert opened.case.radiograph.sha256 == film.sha256
    assert opened.case.radiograph.name == f"film-{film.sha256[:12]}"
    assert opened.report == ACCEPTED
    assert opened.case.prediction.logits.tolist() == case().prediction.logits.tolist()
    assert opened.case.explanation("Mass").to_source == case().explanation("Mass").to_source
    assert [one.verdict for one in opened.checks] == ["passed", "cannot be judged"]
    assert [one[0] for one in query.details(store, "me", number).reports] == [saved]
    assert open_report(store, "you", saved) is None
    with pytest.raises(HistoryUnavailable, match="not in the history"):
        save_report(store, number, "you", AcceptedReport(case(), ACCEPTED))
    with pytest.raises(ValueError, match="accepted"):
        save_report(store, number, "me", AcceptedReport(case(), REPORT))
    store.delete("me", [number])
    assert open_report(store, "me", saved) is None


def test_a_report_of_another_form_is_described():
    assert unpacked(packed(AcceptedReport(case(), ACCEPTED))).report == ACCEPTED
    with pytest.raises(HistoryUnavailable, match="another version"):
        unpacked(b"something else")


def test_nothing_is_created_by_a_keeper_that_is_disabled(local):
    Keeper(enabled=False).keep(case())
    assert not local.exists()


def test_checks_and_report_are_kept_with_the_case_without_the_name(local):
    keeper = Keeper()
    keeper.keep(case(), case().explanation("Effusion"), [check("deletion", "failed")], REPORT)
    (line,) = query.page(history(), "", Filter())
    assert (line.evidence, line.file_name, keeper.error) == ("failed", None, "")
    assert query.details(history(), "", line.id).reports == ()
    keeping.keep(case(), report=ACCEPTED)
    assert len(query.details(history(), "", line.id).reports) == 1
    assert all(NAME.encode() not in path.read_bytes() for path in local.iterdir())


def test_a_history_that_cannot_be_written_does_not_interrupt(tmp_path, local):
    local.write_text("a file in place of the folder")
    keeper = Keeper()
    keeper.keep(case())
    assert keeper.error.startswith("The results were not kept.")
    local.unlink()


def test_rows_of_a_cohort_are_kept_unless_they_were_not_read(local):
    model = entry("findings-cnn")
    keep_row(Keeper(), model, Row("a/MEIER.png", "not read", "broken"))
    assert not local.exists()
    row = Row("a/MEIER.png", "refused", REASON, pixels_sha256="b" * 64, gate=GateResult.of(REFUSAL))
    keep_row(Keeper(with_names=True), model, row)
    (line,) = query.page(history(), "", Filter())
    assert (line.gate_reason, line.file_name, line.model_id) == (REASON, "MEIER.png", "findings-cnn")


def keeps(client: str, **headers: str) -> bool:
    given = {"host": "127.0.0.1:8600", **headers}
    scope = {
        "type": "http",
        "client": (client, 1),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "state": {"request_id": "x"},
    }
    with keeper_of(Request(scope)) as keeper:
        return keeper.enabled


def test_the_api_keeps_results_of_this_computer_only_and_only_if_it_is_enabled(local, monkeypatch):
    assert not keeps("127.0.0.1")
    monkeypatch.setenv("XRAY_HISTORY", "1")
    settings.cache_clear()
    assert keeps("127.0.0.1")
    assert not keeps("192.0.2.7")
    assert not keeps("127.0.0.1", **{"x-forwarded-for": "192.0.2.7"})
    monkeypatch.setenv("XRAY_HISTORY_SHARED", "true")
    settings.cache_clear()
    assert keeps("192.0.2.7")
