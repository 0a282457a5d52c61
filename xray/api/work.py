"""What the workers do: films to Cases, with the links to their maps and, on request, the evidence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from xray.api.pool import Deadline
from xray.api.problems import NothingAnalyzed, problem
from xray.api.store import Store
from xray.errors import InvalidRequest, ModelUnavailable, XrayError
from xray.evidence import checks_of
from xray.explain import METHODS, explain
from xray.io import read_radiograph
from xray.io.encode import case_facts, check_facts, npy, png
from xray.models.ensemble import model_of
from xray.models.fallback import load_with_fallback
from xray.models.registry import entry
from xray.pipeline import Request, analyze
from xray.render.overlay import Drawing, draw
from xray.types import Case, Check, Radiograph

LINK = "/api/explanations/{id}.{kind}"


@dataclass(frozen=True)
class File:
    name: str
    data: bytes


@dataclass(frozen=True)
class Asked:
    """A Request for every file. findings: those to explain with a slow method, to link and to check; by
    default the most likely is explained and checked, and every map there is is linked.
    """

    model: str | None = None
    method: str | None = "gradcam"
    findings: tuple[str, ...] = ()
    threshold: float | None = None
    anyway: bool = False
    intervals: bool = True
    evidence: bool = False

    def spelled(self) -> Asked:
        """With the findings as the model spells them. Raises InvalidRequest for what does not exist
        and ModelUnavailable, before any film is read.
        """
        try:
            entry(self.model)
        except ModelUnavailable as error:
            raise InvalidRequest(error.message, error.hint) from error
        answering, _notice = load_with_fallback(self.model)  # the Case carries the notice
        if self.method is None and (self.evidence or self.findings):
            raise InvalidRequest("Without a method there is no map to link or to check.", "Name a method.")
        if self.method and (refusal := METHODS[self.method].refusal(answering)):
            raise InvalidRequest(f"{METHODS[self.method].title} does not fit {answering.entry.id}.", refusal)
        spelled = (answering.entry.spelled(finding) for finding in self.findings)
        return replace(self, findings=tuple(dict.fromkeys(spelled)))


def results(files: Sequence[File], asked: Asked, store: Store, request_id: str, deadline: Deadline) -> bytes:
    """JSON (see schemas.Answer): one result per file, in order; a Case or a problem.

    Raises XrayError where the request, or its only film, is at fault, NothingAnalyzed where all films are.
    """
    asked = asked.spelled()
    told: list[dict[str, Any]] = []
    for file in files:
        deadline.check()
        try:
            told.append(_result(read_radiograph(file.data, file.name), asked, store, deadline))
        except XrayError as error:
            if len(files) == 1:
                raise
            told.append({"case": None, "maps": [], "evidence": [], "problem": problem(error, request_id)})
    if not any(one["case"] for one in told):
        raise NothingAnalyzed([one["problem"] for one in told])
    return json.dumps({"results": told, "maps_kept_seconds": store.seconds}, ensure_ascii=False).encode()


def _result(film: Radiograph, asked: Asked, store: Store, deadline: Deadline) -> dict[str, Any]:
    case = case_of(film, asked, deadline)
    links = zip(case.explanations, store.add(case), strict=True) if case.explanations else ()
    return {
        "case": case_facts(case),
        "maps": [
            {"finding": one.finding} | {kind: LINK.format(id=id, kind=kind) for kind in ("png", "npy")}
            for one, id in links
            if not asked.findings or one.finding in asked.findings
        ],
        "evidence": list(_evidence(case, asked, deadline)) if asked.evidence else [],
        "problem": None,
    }


def case_of(film: Radiograph, asked: Asked, deadline: Deadline) -> Case:
    """The Case that every other face makes; a slow method explains all findings asked for."""
    first, *others = asked.findings or (None,)
    request = Request(asked.model, asked.method, first, asked.threshold, asked.anyway, asked.intervals)
    case = analyze(film, request, deadline.check)
    if others and asked.method and not METHODS[asked.method].explains_all:
        more = explain(model_of(case.prediction), film, METHODS[asked.method], others, deadline.check)[1]
        case = replace(case, explanations=(*case.explanations, *more))
    return case


def _evidence(case: Case, asked: Asked, deadline: Deadline) -> list[dict[str, Any]]:
    return [
        {
            "finding": finding,
            "method": asked.method,
            "checks": [check_facts(one) for one in checked(case, asked, finding, deadline)],
        }
        for finding in asked.findings or (case.prediction.most_likely,)
    ]


def checked(case: Case, asked: Asked, finding: str, deadline: Deadline) -> tuple[Check, ...]:
    """Every check of a finding's map."""
    done = []
    for one in checks_of(case, case.explanation(finding)):
        deadline.check()
        done.append(one)
    return tuple(done)


def picture(store: Store, id: str, _deadline: Deadline) -> bytes:
    """A finding's overlay at source resolution as PNG, as the page and the terminal draw it."""
    case, explanation = store.find(id)
    return png(draw(case, explanation.finding, Drawing()), case, explanation.finding)


def raw_map(store: Store, id: str, _deadline: Deadline) -> bytes:
    """A finding's raw map (h, w) as NPY, in units of its logit."""
    return npy(store.find(id)[1].raw_map)
