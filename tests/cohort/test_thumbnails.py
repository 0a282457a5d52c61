"""The thumbnails of a cohort take a bounded amount of memory."""

from types import SimpleNamespace

from xray.cohort import job
from xray.cohort.job import Job
from xray.cohort.row import Row


def test_rows_beyond_the_limit_have_no_thumbnail(monkeypatch):
    rows = [Row(f"{number}.png", "answered", thumbnail=bytes(10)) for number in range(5)]

    def run(files, predictor):
        yield from rows

    monkeypatch.setattr(job, "run", run)
    monkeypatch.setattr(job, "THUMBNAIL_BYTES", 25)
    received = []
    cohort = Job(rows, SimpleNamespace(request=None), received.append)
    cohort.wait(10)
    assert [len(row.thumbnail) for row in cohort.rows] == [10, 10, 0, 0, 0]
    assert [row.file for row in cohort.rows] == [row.file for row in rows]
    assert received == rows
    assert not cohort.error
