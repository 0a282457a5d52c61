"""The access policy: what a second visitor sees of each resource, and which requests count as local."""

import io
import zipfile

import numpy as np
import pytest

from tests.corpus import film as corpus_film
from tests.corpus import raster
from tests.history.planted import case
from xray import feedback
from xray.access import COMPUTER, TERMINAL, Visitor, may_use, owner_of, request_origin
from xray.cohort import folder
from xray.cohort.labels import of_folder
from xray.errors import AccessDenied
from xray.feedback import Feedback
from xray.history import export, query, trend
from xray.history.crypto import history_key
from xray.history.filters import Filter
from xray.history.opening import database_url
from xray.history.store import Store
from xray.learn.folder import findings_of, folder_deck
from xray.models.registry import entry
from xray.settings import settings
from xray.types import Radiograph

NONE = np.zeros((0, 4), np.float32)
LOCAL = Visitor(session="a", origin="loopback")
REMOTE, OTHER = Visitor(session="b"), Visitor(session="c")
ANNA = Visitor("https://provider anna", "d", sign_in=True)
BEN = Visitor("https://provider ben", "e", sign_in=True)
UNSIGNED = Visitor(session="f", origin="loopback", sign_in=True)
DIRECT = [("Host", "localhost:8501"), ("User-Agent", "Firefox")]


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XRAY_FEEDBACK_DIR", str(tmp_path / "feedback"))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def setting(monkeypatch):
    def set_to(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        settings.cache_clear()

    return set_to


@pytest.mark.parametrize("address", [None, "127.0.0.1", "127.8.0.3", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize(
    "host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "[::1]", "xray.localhost", "LOCALHOST"]
)
def test_a_browser_on_this_computer_is_local(address, host):
    assert request_origin(address, [("host", host), ("Accept-Language", "en")]) == "loopback"


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "172.18.0.1", "", "localhost.example.org"]
)
def test_any_other_address_is_remote(address):
    assert request_origin(address, DIRECT) == "remote"


@pytest.mark.parametrize(
    "header",
    [
        *("X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"),
        *("CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Original-Host", "X-ProxyContextPath"),
    ],
)
def test_a_request_that_a_proxy_forwarded_is_remote(header):
    assert request_origin(None, [*DIRECT, (header, "127.0.0.1")]) == "remote"


@pytest.mark.parametrize(
    "hosts", [(), ("",), ("xray.example.org",), ("localhost.example.org",), ("localhost", "xray.example.org")]
)
def test_a_request_for_another_name_or_without_one_is_remote(hosts):
    assert request_origin("127.0.0.1", [("Host", host) for host in hosts]) == "remote"


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("loopback", [TERMINAL, LOCAL, UNSIGNED]),
        ("always", [TERMINAL, LOCAL, UNSIGNED, REMOTE, ANNA]),
        ("never", [TERMINAL]),
    ],
)
def test_the_setting_decides_who_opens_folders(setting, value, allowed):
    setting("XRAY_LOCAL_FILES", value)
    everyone = [TERMINAL, LOCAL, UNSIGNED, REMOTE, ANNA]
    assert [visitor for visitor in everyone if may_use(visitor, "files")] == allowed


def test_never_makes_no_browser_local_for_history_and_feedback(setting):
    setting("XRAY_LOCAL_FILES", "never")
    assert not may_use(LOCAL, "history")
    assert owner_of(LOCAL, "feedback") == "session a"


def test_the_history_belongs_to_a_user_or_to_this_computer(setting):
    assert owner_of(TERMINAL, "history") == owner_of(LOCAL, "history") == COMPUTER
    assert owner_of(ANNA, "history") != owner_of(BEN, "history")
    for visitor in (REMOTE, UNSIGNED):
        with pytest.raises(AccessDenied, match="available to signed-in users"):
            owner_of(visitor, "history")
    setting("XRAY_HISTORY_SHARED", "true")
    assert owner_of(REMOTE, "history") == COMPUTER
    assert not may_use(UNSIGNED, "history")


def test_a_second_visitor_reads_and_changes_no_history_of_the_first():
    store = Store(database_url(), history_key())
    anna, ben = owner_of(ANNA, "history"), owner_of(BEN, "history")
    number = store.keep(case(), anna)
    store.set_feedback(number, anna, True, "mine")
    (series,) = trend.series(store, anna, "planted", "Effusion")
    store.set_feedback(number, ben, False, "not mine")
    store.add_verdicts(number, ben, "Effusion", "gradcam", [])
    store.delete(ben, [number])
    store.delete(ben)
    store.forget_names(ben)
    assert query.models(store, ben) == {}
    assert query.count(store, ben) == len(query.page(store, ben, Filter())) == 0
    assert query.seen(store, ben, case().radiograph.sha256) == []
    assert query.details(store, ben, number) is None
    assert trend.series(store, ben, "planted", "Effusion") == []
    assert trend.by_day(store, ben, series.series_id) == []
    assert trend.tenths(store, ben, series.series_id).sum() == 0
    assert list(export.batches(store, ben, Filter())) == []
    kept = query.details(store, anna, number)
    assert (kept.analysis.agrees, kept.comment) == (True, "mine")
    assert trend.tenths(store, anna, series.series_id).sum() == 1
    store.close()


@pytest.mark.parametrize(
    ("first", "second"),
    [(REMOTE, OTHER), (REMOTE, LOCAL), (LOCAL, REMOTE), (ANNA, BEN), (ANNA, UNSIGNED), (TERMINAL, ANNA)],
)
def test_a_second_visitor_exports_and_deletes_no_feedback_of_the_first(first, second):
    radiograph = Radiograph(np.random.default_rng(0).random((12, 8), np.float32), "film.png")
    feedback.keep(radiograph, Feedback(NONE, NONE, NONE, "of the first"), "Fracture", first)
    assert feedback.kept(second) == []
    assert zipfile.ZipFile(io.BytesIO(feedback.exported(second))).namelist() == []
    feedback.forget(second)
    feedback.forget(second, feedback.kept(first))
    assert feedback.kept(first) == [radiograph.sha256[:16]]
    feedback.keep(radiograph, Feedback(NONE, NONE, NONE, "of the second"), "Fracture", second)
    archive = zipfile.ZipFile(io.BytesIO(feedback.exported(first)))
    assert len(archive.namelist()) == 4
    assert b"of the first" in archive.read("comments.csv")
    assert b"of the second" not in archive.read("comments.csv")
    feedback.forget(first)
    assert feedback.kept(second) == [radiograph.sha256[:16]]


def test_a_visitor_without_a_session_owns_no_feedback():
    with pytest.raises(AccessDenied, match="browser session"):
        feedback.exported(Visitor())


def test_users_of_this_computer_share_the_data_set_that_training_reads(folders):
    assert feedback.feedback_folder(TERMINAL) == feedback.feedback_folder(LOCAL) == folders / "feedback"


@pytest.mark.parametrize("visitor", [REMOTE, ANNA])
def test_a_visitor_from_elsewhere_reads_no_folder_of_the_server(tmp_path, visitor):
    place, model = tmp_path / "films", entry("findings-cnn")
    place.mkdir()
    for name in ("a.png", "b.png"):
        (place / name).write_bytes(raster(corpus_film(), "PNG"))
    (place / "labels.csv").write_text("path,labels\na.png,Mass\nb.png,No Finding\n")
    assert len(folder(place, LOCAL)) == len(of_folder(place, LOCAL)) == 2
    assert findings_of(place, model, LOCAL) == ["Mass"]
    for read in (
        lambda: folder(place, visitor),
        lambda: folder(tmp_path / "nowhere", visitor),  # its existence is not revealed either
        lambda: of_folder(place, visitor),
        lambda: findings_of(place, model, visitor),
        lambda: folder_deck(place, model, "Mass", 0, visitor),
    ):
        with pytest.raises(AccessDenied, match="Folders of the server"):
            read()
