"""A history of 100,000 films: the database queries of its page and the whole page, in milliseconds.

python -m benchmarks.history --json
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from cryptography.fernet import Fernet
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from benchmarks.timing import as_text, medians
from xray.history import query, trend
from xray.history.crypto import history_key
from xray.history.filters import Filter
from xray.history.opening import database_url
from xray.history.store import Store
from xray.history.tables import Analysis, Answer, Series, Thumbnail
from xray.imaging.phantom import simulated_samples
from xray.models.registry import ModelEntry, entry
from xray.pipeline import analyze
from xray.settings import settings

FILMS, YEARS, BATCH = 100_000, 2, 2000
MODELS = ("findings-densenet121", "pneumonia-mobilenet")
PAGES = ("Films", "Over time", "Your data")
ROOT = Path(__file__).parents[1]


def filled(store: Store, films: int) -> None:
    """Random predictions over two years, alternating between a model with many findings and one with two."""
    rng, now = np.random.default_rng(0), datetime.now(UTC)
    noise = rng.integers(0, 255, (72, 72), np.uint8)
    picture = store.key.encrypted(cv2.imencode(".jpg", noise)[1].tobytes())
    facts = [entry(model_id) for model_id in MODELS]
    series: dict[tuple[str, str], int] = {}
    with store.engine.begin() as connection:
        for one in facts:
            for finding in one.findings:
                series[one.id, finding] = len(series) + 1
                connection.execute(insert(Series), _series(one, finding) | {"id": len(series)})
    for start in range(1, films + 1, BATCH):
        analyses, answers, thumbnails = [], [], []
        for number in range(start, min(start + BATCH, films + 1)):
            one = facts[number % 2]
            said = rng.beta(0.5, 1.5, len(one.findings))
            at = now - timedelta(days=365 * YEARS) * (1 - number / films)
            likely = one.findings[int(said.argmax())]
            analyses.append(_analysis(number, one, at, likely) | {"pixels_sha256": rng.bytes(32).hex()})
            thumbnails.append(
                {"analysis_id": number, "finding": likely, "method": "gradcam", "picture": picture}
            )
            answers += [
                {
                    "analysis_id": number,
                    "series_id": series[one.id, finding],
                    "day": at.date(),
                    "probability": float(value),
                    "operating_point": point,
                    "reached": bool(value >= point),
                    "answer": "present" if value > 0.6 else "absent" if value < 0.2 else "cannot tell",
                }
                for finding, value, point in zip(one.findings, said, one.thresholds, strict=True)
            ]
        with store.engine.begin() as connection:
            for table, rows in ((Analysis, analyses), (Answer, answers), (Thumbnail, thumbnails)):
                connection.execute(insert(table), rows)


def _series(model: ModelEntry, finding: str) -> dict[str, Any]:
    facts = {"owner": "", "model_id": model.id, "weights_sha256": model.sha256, "simulated": False}
    return facts | {"finding": finding}


def _analysis(number: int, model: ModelEntry, at: datetime, likely: str) -> dict[str, Any]:
    return {
        "id": number,
        "owner": "",
        "at": at,
        "last_opened": at,
        "model_id": model.id,
        "weights_sha256": model.sha256,
        "finding": likely,
        "simulated": False,
        "gate_accepted": number % 50 > 0,
        "gate_kind": "accepted" if number % 50 else "sideways",
        "gate_reason": "",
        "evidence": (None, "passed", "failed", "cannot be judged")[number % 4],
        "agrees": (None, True, False)[number % 3],
    }


def asked(store: Store, rounds: int) -> dict[str, float]:
    """The queries of the page: a page of rows, their number, filters, a trend and a histogram."""
    series = trend.series(store, "", MODELS[1], "Pneumonia")[0].series_id
    present = Filter(finding="Pneumonia", answer="present")
    return medians(
        {
            "models and findings": lambda: query.models(store, ""),
            "first page": lambda: query.page(store, "", Filter()),
            "last page": lambda: query.page(store, "", Filter(), first=FILMS - 25),
            "count": lambda: query.count(store, ""),
            "page, by answer": lambda: query.page(store, "", present),
            "count, by answer": lambda: query.count(store, "", present),
            "count, by feedback": lambda: query.count(store, "", Filter(feedback="disagreed")),
            "page, by search": lambda: query.page(store, "", Filter(search="abcde")),
            "count, by search": lambda: query.count(store, "", Filter(search="abcde")),
            "weights": lambda: trend.series(store, "", MODELS[1], "Pneumonia"),
            "trend": lambda: trend.by_day(store, "", series),
            "histogram": lambda: trend.tenths(store, "", series),
        },
        rounds,
        warmup=1,
    )


def shown(rounds: int) -> dict[str, float]:
    """The whole page on the server, by view, and with a film selected by a filter."""
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=300).run()
    page.switch_page("pages/history.py").run()

    def view(name: str) -> Callable[[], object]:
        return lambda: page.segmented_control[0].set_value(name).run()

    def by_answer() -> None:
        for label, value in (("Finding", "Pneumonia"), ("Answer", "present")):
            next(one for one in page.main.selectbox if one.label == label).set_value(value).run()
        if page.exception:
            raise RuntimeError(page.exception[0].message)

    figures = {f"page: {name}": medians({name: view(name)}, rounds, warmup=1)[name] for name in PAGES}
    view(PAGES[0])()
    by_answer()
    return figures | {"page: Films, by answer": medians({"": page.run}, rounds, warmup=1)[""]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=FILMS)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "XRAY_DATA_DIR": folder,
            "XRAY_HISTORY_KEY": Fernet.generate_key().decode(),
            "XRAY_HISTORY_SHARED": "true",
        }
        os.environ.pop("XRAY_DATABASE_URL", None)
        settings.cache_clear()
        store = Store(database_url(), history_key())
        filled(store, given.films)
        figures = asked(store, given.rounds) | shown(given.rounds)
        figures |= medians({"keep a film": kept_once(store)}, given.rounds, warmup=1)
        figures |= medians({"delete a film": lambda: store.delete("", [1])}, 1, warmup=0)
        figures["MB on disk"] = sum(one.stat().st_size for one in Path(folder).iterdir()) / 1e6
        store.close()
    print(as_text(figures, as_json=given.json))


def kept_once(store: Store) -> Callable[[], object]:
    """A new film at each call."""
    case = analyze(simulated_samples()[0].build().radiograph)
    rng = np.random.default_rng(1)

    def keep() -> None:
        pixels = np.clip(case.radiograph.pixels + rng.normal(0, 0.001), 0, 1).astype(np.float32)
        store.keep(replace(case, radiograph=replace(case.radiograph, pixels=pixels)))

    return keep


if __name__ == "__main__":
    main()
