"""Keep results of the pages, the command line, the API and cohorts in the history."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from xray.errors import HistoryUnavailable, RefusedRadiograph
from xray.explain.registry import Progress, no_progress
from xray.pipeline import Request, analyze
from xray.settings import settings
from xray.types import Case, Check, Explanation, Radiograph

if TYPE_CHECKING:  # the database is imported only when results are kept
    from xray.history.record import Record
    from xray.history.store import Store
    from xray.report import Report

_opening = threading.Lock()


def history() -> Store:
    """The store of the settings, opened once in a process. Raises HistoryUnavailable."""
    from xray.history.opening import database_url

    url = database_url().render_as_string(hide_password=False)
    with _opening:
        return _opened(url, str(settings().data_dir), settings().history_key.get_secret_value())


@cache
def _opened(url: str, _data_dir: str, _key: str) -> Store:
    from sqlalchemy import make_url

    from xray.history.crypto import history_key
    from xray.history.store import Store

    return Store(make_url(url), history_key())


def keep(
    result: Case | Record,
    owner: str = "",
    *,
    with_name: bool = False,
    explanation: Explanation | None = None,
    checks: Sequence[Check] = (),
    report: Report | None = None,
) -> int:
    """Store a result in the history.

    Args:
        result: A Case, or the record of a film that was refused or analyzed in a cohort.
        owner: Whose history; empty for the local user.
        with_name: Whether to store the file name, too.
        explanation: Map that was checked. Checks of a map from a file are not stored.
        checks: Checks of the map.
        report: An accepted report of the Case, stored with the Case and its film; needs a Case.

    Returns:
        Number of the film in the history.

    Raises:
        HistoryUnavailable: If the history cannot be opened or written.
    """
    from xray.evidence import verdict_of
    from xray.history.reports import AcceptedReport, save_report

    store = history()
    number = store.keep(result, owner, with_name=with_name)
    if explanation is not None and checks and not explanation.file:
        verdict = verdict_of(explanation, checks)
        store.add_verdicts(number, owner, explanation.finding, explanation.method, checks, verdict)
    if report is not None and report.accepted and isinstance(result, Case):
        accepted = AcceptedReport(result, report, tuple(checks))
        save_report(store, number, owner, accepted, with_name=with_name)
    return number


@dataclass
class Keeper:
    """Keeps the results of one owner. A failure does not interrupt the analysis; nothing is kept after it.

    Attributes:
        enabled: Whether results are kept.
        owner: Whose history; empty for the local user.
        with_names: Whether to store file names; by default as the owner chose in the dashboard.
        error: Message of the failure, or empty.
    """

    enabled: bool = True
    owner: str = ""
    with_names: bool | None = None
    error: str = ""

    def keep(
        self,
        result: Case | Record,
        explanation: Explanation | None = None,
        checks: Sequence[Check] = (),
        report: Report | None = None,
    ) -> None:
        """Keep a result as the function keep does; without effect if disabled or after a failure."""
        if not self.enabled or self.error:
            return
        try:
            if self.with_names is None:
                self.with_names = history().preference(self.owner)[1]
            keep(
                result,
                self.owner,
                with_name=self.with_names,
                explanation=explanation,
                checks=checks,
                report=report,
            )
        except HistoryUnavailable as error:
            self.error = f"The results were not kept. {error}"

    def analyze(
        self, film: Radiograph, request: Request | None = None, progress: Progress = no_progress
    ) -> Case:
        """Analyze a film as pipeline.analyze does and keep the Case, or the refusal by the input gate."""
        try:
            case = analyze(film, request, progress)
        except RefusedRadiograph as refusal:
            if self.enabled:
                from xray.history.record import record_of_refusal

                self.keep(record_of_refusal(film, refusal))
            raise
        self.keep(case)
        return case
