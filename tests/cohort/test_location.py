"""Sources of films, also for other processes, and rows that are kept between runs."""

import io
import pickle
import zipfile

import fsspec
import pytest
from pyarrow import parquet

from tests.corpus import film, raster
from xray.cohort import location
from xray.cohort.location import located
from xray.cohort.parts import Parts
from xray.cohort.predictor import Predictor
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.errors import RefusedArchive, ResultsInTheWay, UnreadableImage, UnusableData
from xray.models.registry import entry
from xray.pipeline import Request

PNG = raster(film(), "PNG")
FILMS = {"a.png": PNG, "b/c.dcm": b"anything"}
LIST = b"path,labels\na.png,Mass\nb/c.dcm,Normal\na.png,Mass\n"
FACTS = entry("findings-cnn")
ASKED = Predictor(Request("findings-cnn", None))


def packed() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for name, data in (FILMS | {"labels.csv": LIST}).items():
            written.writestr(name, data)
    return buffer.getvalue()


def laid_out(home: str) -> str:
    """The films as a folder, beside it the same as an archive and as a list; without a slash at its end."""
    files, root = fsspec.core.url_to_fs(home)
    files.makedirs(f"{root}/set/b", exist_ok=True)
    for name, data in FILMS.items():
        files.pipe_file(f"{root}/set/{name}", data)
    files.pipe_file(f"{root}/set/labels.csv", LIST)
    files.pipe_file(f"{root}/set.zip", packed())
    return home


@pytest.fixture(params=["path", "file://", "memory://"])
def home(request, tmp_path) -> str:
    homes = {"path": str(tmp_path), "file://": f"file://{tmp_path}", "memory://": "memory://clinic"}
    return laid_out(homes[request.param])


@pytest.mark.parametrize("kind", ["set", "set/", "set.zip", "set/labels.csv"])
def test_the_same_films_and_labels_are_found(home, kind):
    films, labels = located(f"{home}/{kind}")
    sent = pickle.loads(pickle.dumps(films))
    assert {one.name: one.content() for one in sent} == FILMS
    assert labels.of("a.png").labels == {"mass"}
    assert labels.of("b/c.dcm").labels == {"normal"}


@pytest.mark.parametrize("kind", ["set", "set.zip", "set/labels.csv"])
def test_a_process_elsewhere_reads_what_a_relative_path_names(kind, tmp_path, monkeypatch):
    laid_out(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    films, _ = located(kind)
    monkeypatch.chdir("/")
    assert {one.name: one.content() for one in films} == FILMS


def test_a_single_film_is_a_cohort_and_a_list_may_name_films_elsewhere(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    fsspec.filesystem("memory").pipe_file("/far/b.png", b"far")
    (tmp_path / "list.csv").write_text(f"file\n{tmp_path}/a.png\nmemory://far/b.png\ngone.png\n")
    films, labels = located(str(tmp_path / "list.csv"))
    assert [one.content() for one in films[:2]] == [PNG, b"far"]
    assert not labels
    with pytest.raises(UnreadableImage, match=r"gone\.png cannot be opened\."):
        films[2].content()
    assert [one.content() for one in located(str(tmp_path / "a.png"))[0]] == [PNG]


@pytest.mark.parametrize(
    ("place", "error", "sentence"),
    [
        ("memory://nowhere", UnusableData, "memory://nowhere contains no films. Check the address."),
        ("telepathy://films", UnusableData, "telepathy://films cannot be opened."),
        ("memory://bad/words.csv", UnusableData, "words.csv lacks a column path or labels."),
        ("memory://bad/empty.csv", UnusableData, "empty.csv lists no films."),
        ("memory://bad/outside.zip", RefusedArchive, "names a file outside itself"),
    ],
)
def test_a_source_without_films_gets_a_message(place, error, sentence):
    files = fsspec.filesystem("memory")
    files.pipe_file("/bad/words.csv", b"name\nfilm.png\n")
    files.pipe_file("/bad/empty.csv", b"path,labels\n")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        written.writestr("../a.png", PNG)
    files.pipe_file("/bad/outside.zip", buffer.getvalue())
    with pytest.raises(error) as told:
        located(place)
    assert sentence in str(told.value)


def files_called(*names: str) -> list[File]:
    return [File(name, bytes) for name in names]


def row(name: str, pixels: str = "") -> Row:
    return Row(name, "not read", "Why.", pixels_sha256=pixels)


def test_rows_are_kept_between_runs_and_put_in_order(tmp_path):
    files = files_called("a", "b", "c", "a", "d")  # an archive can hold two files of one name
    with Parts(tmp_path, FACTS, ASKED) as parts:
        assert parts.left(files) == [0, 1, 2, 3, 4]
        parts.add(row("c", "same"))
        parts.add(row("a", "other"))
    (tmp_path / "parts" / "cut-short.parquet.unfinished").write_bytes(b"PAR1")
    with Parts(tmp_path, FACTS, ASKED) as parts:
        assert parts.left(files) == [1, 3, 4], "one of the two called a is done"
        for name, pixels in (("d", "same"), ("b", "same"), ("a", "")):
            parts.add(row(name, pixels))
        parts.finish(files)
    found = parquet.read_table(tmp_path / "results.parquet")
    assert found["file"].to_pylist() == ["a", "b", "c", "a", "d"]
    assert found["duplicate_of"].to_pylist() == ["", "", "b", "", "b"]
    assert found["sentence"].to_pylist() == ["Why."] * 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.csv", "results.parquet"]


def test_parts_of_something_else_are_not_mixed_in(tmp_path):
    with Parts(tmp_path, FACTS, ASKED) as parts:
        parts.add(row("a"))
    assert Parts(tmp_path, FACTS, ASKED).left(files_called("a")) == []
    anyway = Predictor(Request("findings-cnn", None, anyway=True))
    for facts, asked in ((FACTS, anyway), (entry("findings-mobilenet"), ASKED)):
        with pytest.raises(ResultsInTheWay, match="contains partial results of another model"):
            Parts(tmp_path, facts, asked)


def test_an_address_that_needs_a_missing_library_does_not_stop_the_other_rows(tmp_path, monkeypatch):
    def missing(url: str):
        raise ImportError('HTTPFileSystem requires "requests" and "aiohttp" to be installed')

    (tmp_path / "A.png").write_bytes(PNG)
    (tmp_path / "list.csv").write_text("path,labels\nhttp://127.0.0.1:1/x.png,Mass\na.png,Normal\n")
    films, labels = located(str(tmp_path / "list.csv"))
    monkeypatch.setattr(location, "url_to_fs", missing)
    with pytest.raises(UnreadableImage, match=r"x\.png needs a library: .*requirements-scale\.txt"):
        films[0].content()
    assert films[1].content() == PNG
    assert labels.of("a.png").labels == {"normal"}


@pytest.mark.parametrize("kind", ["films", "films.zip"])
def test_films_with_an_unusable_list_have_no_labels_and_a_note(tmp_path, kind):
    (tmp_path / "films").mkdir()
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        for name, data in {"a.png": PNG, "labels.csv": b"\xef\xbb\xbfDatei;Befund\na.png;Masse\n"}.items():
            (tmp_path / "films" / name).write_bytes(data)
            archive.writestr(name, data)
    films, labels = located(str(tmp_path / kind))
    assert [film.name for film in films] == ["a.png"]
    assert not len(labels)
    note = labels.note(("Mass",))
    assert "lacks a column path or labels. Its columns: Befund, Datei." in note
    assert "can be analyzed without labels" in note


def test_given_labels_replace_a_broken_list_in_the_folder(tmp_path):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.png").write_bytes(PNG)
    (tmp_path / "films" / "labels.csv").write_text("nothing\n")
    (tmp_path / "mine.tsv").write_text("file\tclass\na\tMass\n")
    _, labels = located(str(tmp_path / "films"), tmp_path / "mine.tsv")
    assert labels.of("a.png").labels == {"mass"}
