"""A history of 100,000 films: what its page asks of the database, and the page as a whole, in milliseconds.

python -m benchmarks.history --json
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import insert

from benchmarks.timing import medians
from xray.history import query, trend
from xray.history.query import Filter
from xray.history.store import Store
from xray.history.tables import Analysis, Answer, Series, Thumbnail
from xray.models.registry import ModelEntry, entry

FILMS, YEARS, BATCH = 100_000, 2, 2000
MODELS = ("findings-densenet121", "pneumonia-mobilenet")
PAGES = ("Films", "Over time")
ROOT = Path(__file__).parents[1]


def filled(store: Store, films: int) -> None:
    """Answers drawn at random, in turns of a model with many findings and one with two, over two years."""
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
        "most_likely": likely,
        "simulated": False,
        "gate_accepted": number % 50 > 0,
        "gate_kind": "accepted" if number % 50 else "sideways",
        "gate_reason": "",
        "evidence": (None, "passed", "failed", "cannot be judged")[number % 4],
        "agrees": (None, True, False)[number % 3],
    }


def asked(store: Store, rounds: int) -> dict[str, float]:
    """What the page asks: a page of lines, its count, filters, a trend and a histogram."""
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
            "trend": lambda: trend.by_day(store, series),
            "histogram": lambda: trend.tenths(store, series),
        },
        rounds,
        warmup=1,
    )
