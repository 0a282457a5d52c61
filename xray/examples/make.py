"""Measure the results of the examples and draw their pictures: python -m xray.examples.make."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import orjson
from PIL import Image, ImageOps

from xray.errors import RefusedRadiograph
from xray.evidence import checks_of, verdict_of
from xray.examples import MEASURED, Example, Outcome, examples
from xray.pipeline import Request, analyze
from xray.render.boxes import draw_boxes
from xray.render.overlay import RGB, Drawing, draw, windowed
from xray.report.pictures import boxes

QUALITY, THUMBNAIL = 82, (296, 296)  # of WebP; px


def measured(example: Example) -> tuple[Outcome, RGB]:
    """The result of the model on an example, and its picture (H, W, 3)."""
    film = example.film()
    try:
        case = analyze(film, Request(example.model))
    except RefusedRadiograph as refusal:
        return Outcome(refusal.weights_sha256, refusal.reason), np.dstack([windowed(film.pixels)] * 3)
    outcome = Outcome(case.prediction.weights_sha256, case.answer.statement)
    if (found := boxes(case)) is not None:
        return outcome, draw_boxes(film.pixels, found)
    explanation = case.explanation(case.answer.finding)
    verdict = verdict_of(explanation, list(checks_of(case, explanation)))
    outcome = replace(outcome, support=verdict.support, reason=verdict.reason)
    return outcome, draw(case, explanation.finding, Drawing())


def main() -> None:
    """Measure all examples and store results and pictures."""
    outcomes = {}
    for example in examples():
        outcome, picture = measured(example)
        outcomes[example.id] = asdict(outcome)
        image = Image.fromarray(picture)
        image.save(example.picture, "WEBP", quality=QUALITY)
        ImageOps.pad(image, THUMBNAIL).save(example.thumbnail, "WEBP", quality=QUALITY)
    content = {"command": "python -m xray.examples.make", "outcomes": outcomes}
    MEASURED.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
