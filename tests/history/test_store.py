"""What is kept is what was said, once for every film, and only its owner sees it; what is deleted is gone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select, text

from tests.history.conftest import KEY
from tests.history.planted import FINDINGS, NAME, POINTS, case, check
from xray.history import query
from xray.history.filters import Filter
from xray.history.store import Store
from xray.history.tables import Analysis, Answer, Base, Series
from xray.types import GateResult, MapVerdict

REFUSED = GateResult(False, "This film lies on its side.", "Turn it.", "sideways")


def lines(store, owner="", **wanted):
    return query.page(store, owner, Filter(**wanted))


def test_a_case_is_read_back_as_it_was_said(store):
    one = case()
    before = datetime.now(UTC)
    number = store.keep(one)
    told = query.details(store, "", number)
    assert before <= told.analysis.at <= datetime.now(UTC)
    assert told.analysis.pixels_sha256 == one.radiograph.sha256
    assert (told.analysis.model_id, told.analysis.weights_sha256) == ("planted", "a" * 64)
    assert (told.analysis.gate_accepted, told.analysis.gate_kind) == (True, "accepted")
    assert [answer[0] for answer in told.answers] == list(FINDINGS)
    assert [answer[1] for answer in told.answers] == pytest.approx([0.9, 0.125, 0.25])
    assert [answer[2] for answer in told.answers] == pytest.approx(POINTS)
    assert [answer[3] for answer in told.answers] == [one.prediction.answer(name) for name in FINDINGS]
    assert told.verdicts == ()
    assert (told.comment, told.analysis.agrees, told.analysis.owner) == ("", None, "")


def test_the_thumbnail_shows_the_map_where_it_is(store):
    told = query.details(store, "", store.keep(case()))
    picture = cv2.imdecode(np.frombuffer(told.overlay, np.uint8), cv2.IMREAD_COLOR).astype(int)
    assert picture.shape == (48, 40, 3)
    assert told.overlay_of == ("Effusion", "gradcam")
    colored = np.ptp(picture, axis=2)
    assert colored[:8, :8].mean() > 4 * colored[24:, 20:].mean() + 10


def test_the_same_film_and_weights_are_kept_once_and_other_weights_anew(store):
    first = store.keep(case())
    assert store.keep(case()) == first
    told = query.details(store, "", first).analysis
    assert told.last_opened > told.at
    assert len({first, store.keep(case(weights="b" * 64)), store.keep(case(model_id="other"))}) == 3
    assert len(query.seen(store, "", case().radiograph.sha256)) == 3
    with store.session() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 9


def test_names_are_kept_only_when_asked_for_and_can_be_taken_back(store):
    number = store.keep(case())
    assert query.details(store, "", number).analysis.file_name is None
    store.keep(case(), with_name=True)
    assert query.details(store, "", number).analysis.file_name == NAME
    assert [one.id for one in lines(store, search="meier")] == [number]
    store.forget_names("")
    assert query.details(store, "", number).analysis.file_name is None
    assert lines(store, search="meier") == []


def test_an_owner_sees_and_changes_only_what_is_theirs(store):
    mine, yours = store.keep(case(), "me"), store.keep(case(), "you")
    assert mine != yours
    assert [one.id for one in lines(store, "me")] == [mine]
    assert query.seen(store, "me", case().radiograph.sha256)[0].id == mine
    assert query.details(store, "me", yours) is None
    store.set_feedback(yours, "me", False, "not mine")
    store.add_verdicts(yours, "me", "Effusion", "gradcam", [check("deletion", "failed")])
    store.delete("me", [yours])
    store.delete("me")
    store.set_preference("me", keep=True, keep_names=False)
    told = query.details(store, "you", yours)
    assert (told.analysis.agrees, told.comment, told.verdicts) == (None, "", ())
    assert store.preference("you") == (False, False)
    assert (query.count(store, "me"), query.count(store, "you")) == (0, 1)
    assert query.models(store, "me") == {}
    assert query.models(store, "you") == {"planted": FINDINGS}


def test_verdicts_and_words_are_kept_the_later_ones_over_the_earlier(store):
    number = store.keep(case())
    done = [check("deletion", "passed"), check("stability", "failed")]
    store.add_verdicts(number, "", "Effusion", "gradcam", done)
    assert query.details(store, "", number).analysis.evidence == "failed"
    store.add_verdicts(
        number, "", "Effusion", "gradcam", [check("stability", "cannot be judged", float("nan"))]
    )
    told = query.details(store, "", number)
    assert told.analysis.evidence == "cannot be judged"
    assert set(told.verdicts) == {
        ("Effusion", "gradcam", "deletion", "passed"),
        ("Effusion", "gradcam", "stability", "cannot be judged"),
    }
    store.set_feedback(number, "", False, "Zwerchfell, no effusion")
    assert query.details(store, "", number).comment == "Zwerchfell, no effusion"
    store.set_feedback(number, "", True)
    told = query.details(store, "", number)
    assert (told.analysis.agrees, told.comment) == (True, "")


def test_every_filter_leaves_what_fits(store):
    ordinary, low = store.keep(case(1)), store.keep(case(2, (0.2, 0.4, 0.1)))
    other = store.keep(case(3, model_id="other", gate=REFUSED))
    store.add_verdicts(ordinary, "", "Effusion", "gradcam", [check("deletion", "failed")])
    store.add_verdicts(low, "", "Effusion", "gradcam", [check("deletion", "passed")])
    store.add_verdicts(low, "", "Effusion", "gradcam", [], MapVerdict("not supported", "why.", 0.5))
    store.add_verdicts(low, "", "Effusion", "gradcam", [], MapVerdict("supported", "why.", 2.5))
    store.set_feedback(ordinary, "", True)
    store.set_feedback(low, "", False)
    soon = datetime.now(UTC) + timedelta(hours=1)
    expected = {
        (): {ordinary, low, other},
        (("search", case(2).radiograph.sha256[:12]),): {low},
        (("search", "%"),): set(),
        (("model_id", "other"),): {other},
        (("finding", "Effusion"), ("answer", "at or above")): {ordinary, other},
        (("finding", "Effusion"), ("answer", "below"), ("model_id", "planted")): {low},
        (("finding", "Mass"), ("answer", "at or above")): {low},
        (("finding", "Effusion"), ("answer", "present")): {ordinary, other},
        (("finding", "Hernia"),): set(),
        (("verdict", "refused by the gate"),): {other},
        (("verdict", "a check failed"),): {ordinary},
        (("verdict", "no check failed"),): {low},
        (("verdict", "not checked"),): {other},
        (("verdict", "map supported"),): {low},
        (("verdict", "map not supported"),): set(),
        (("feedback", "agreed"),): {ordinary},
        (("feedback", "disagreed"),): {low},
        (("feedback", "no feedback"),): {other},
        (("since", soon),): set(),
        (("until", soon),): {ordinary, low, other},
    }
    for wanted, numbers in expected.items():
        assert {one.id for one in lines(store, **dict(wanted))} == numbers, wanted
        assert query.count(store, "", Filter(**dict(wanted))) == len(numbers), wanted
    assert [one.id for one in lines(store)] == [other, low, ordinary], "the newest first"
    asked = {one.id: (one.finding, one.probability) for one in lines(store, finding="Nodule")}
    assert asked[low] == ("Nodule", pytest.approx(0.1))
    assert {one.id: one.finding for one in lines(store)}[low] == "Mass", "else that of the answer"


def test_the_call_is_listed_not_the_most_likely_finding(store):
    called, silent = store.keep(case(1, (0.4, 0.3, 0.2))), store.keep(case(2, (0.4, 0.2, 0.3)))
    listed = {one.id: one for one in lines(store)}
    assert (listed[called].finding, listed[called].called) == ("Mass", True)
    assert listed[called].statement == case(1, (0.4, 0.3, 0.2)).answer.statement
    assert listed[called].statement.startswith("Calls Mass (30.0%, operating point 25.0%)")
    assert (listed[silent].finding, listed[silent].called) == ("Effusion", False)
    assert listed[silent].statement.startswith("Calls no finding; the most likely is Effusion (40.0%")


def test_the_answer_about_a_refused_film_is_listed_as_uncertain(store):
    store.keep(case(1, gate=REFUSED))
    (listed,) = lines(store)
    assert ", but uncertain: the input gate refused the film" in listed.statement


def test_pages_have_every_film_once(store):
    numbers = [store.keep(case(seed)) for seed in range(7)]
    read = [one.id for first in (0, 3, 6) for one in query.page(store, "", Filter(), first, 3)]
    assert read == numbers[::-1]
    assert all(one.thumbnail[:2] == b"\xff\xd8" for one in query.page(store, "", Filter()))


def test_a_preference_is_no_until_it_is_said(store):
    assert store.preference("") == (False, False)
    store.set_preference("", keep=True, keep_names=True)
    store.set_preference("", keep=True, keep_names=False)
    assert store.preference("") == (True, False)


def test_thumbnails_and_notes_are_not_in_the_database_in_clear(store):
    number = store.keep(case())
    store.set_feedback(number, "", False, "SECRET-NOTE")
    picture = query.details(store, "", number).overlay
    with store.session() as session:
        for table in Base.metadata.tables:
            for row in session.execute(text(f"SELECT * FROM {table}")).all():
                held = b"".join(bytes(one) for one in row if isinstance(one, bytes | memoryview))
                assert b"SECRET-NOTE" not in held
                assert picture[:24] not in held
                assert "SECRET-NOTE" not in repr(row)


def test_deleting_takes_all_that_hangs_on_a_film(store):
    kept, gone = store.keep(case(1)), store.keep(case(2, weights="b" * 64))
    store.add_verdicts(gone, "", "Effusion", "gradcam", [check("deletion", "passed")])
    store.delete("", [gone])
    assert [one.id for one in lines(store)] == [kept]
    with store.session() as session:
        assert session.scalars(select(Series.weights_sha256).distinct()).all() == ["a" * 64]
    store.delete("")
    left = {}
    with store.session() as session:
        for name, table in Base.metadata.tables.items():
            left[name] = session.scalar(select(func.count()).select_from(table))
    assert {name for name, rows in left.items() if rows} == {"key_check"}
    assert store.keep(case(3)) > gone, "a number is not given again"


def test_two_programs_at_once_keep_a_film_once(store, url):
    other = Store(url, KEY)
    with ThreadPoolExecutor(8) as threads:
        for film in range(4):
            kept = threads.map(lambda one, film=film: one.keep(case(film)), [store, other] * 4)
            assert len(set(kept)) == 1
    other.close()
    with store.session() as session:
        assert session.scalar(select(func.count()).select_from(Analysis)) == 4
        assert session.scalar(select(func.count()).select_from(Series)) == len(FINDINGS)
