"""Work of the worker threads: Cases of films, links to their maps and, on request, checks of the maps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xray.api.pool import Deadline
from xray.api.problems import NothingAnalyzed, problem
from xray.api.store import Store
from xray.errors import InvalidRequest, ModelUnavailable, XrayError
from xray.evidence import checks_of, verdict_of
from xray.explain import METHODS, explain
from xray.history.keeping import Keeper
from xray.io import read_radiograph
from xray.io.encode import case_facts, check_facts, npy, png, verdict_facts
from xray.io.map_files import Scale, read_map
from xray.models.ensemble import model_of
from xray.models.fallback import load_with_fallback
from xray.models.registry import analysis_entry
from xray.pipeline import Request, with_external_map
from xray.render.overlay import Drawing, draw
from xray.types import Case, Check, Radiograph

LINK = "/api/explanations/{id}.{kind}"


@dataclass(frozen=True)
class File:
    """An uploaded file."""

    name: str
    data: bytes


@dataclass(frozen=True)
class MapUpload:
    """An uploaded map, and the values of black and white of a picture."""

    name: str
    data: bytes
    scale: Scale | None


@dataclass(frozen=True)
class Options:
    """Options that apply to every film of a request.

    Attributes:
        model: Model id; by default the first registered.
        method: Explanation method, or None for no maps.
        findings: Findings to explain with a slow method, to link and to check. By default the finding
            of the answer is explained and checked, and every map is linked.
        threshold: One operating point for all findings.
        anyway: Whether to analyze films that the input gate refuses.
        intervals: Whether to compute intervals of the probabilities.
        evidence: Whether to run the checks.
        map: A map of the only film, which takes the place of a method.
    """

    model: str | None = None
    method: str | None = "gradcam"
    findings: tuple[str, ...] = ()
    threshold: float | None = None
    anyway: bool = False
    intervals: bool = True
    evidence: bool = False
    map: MapUpload | None = None

    def resolved(self) -> Options:
        """Validate the options and spell the findings as the model does, before any film is read.

        Raises:
            InvalidRequest: If the model, the method or a finding does not exist or does not fit, or if a map
                is to explain several findings.
            ModelUnavailable: If no model can be loaded.
        """
        try:
            analysis_entry(self.model)
        except ModelUnavailable as error:
            raise InvalidRequest(error.message, error.hint) from error
        model, _notice = load_with_fallback(self.model)  # the Case carries the notice
        if self.method is None and self.map is None and (self.evidence or self.findings):
            raise InvalidRequest("Without a method there is no map to link or to check.", "Name a method.")
        if self.method and (refusal := METHODS[self.method].refusal(model)):
            raise InvalidRequest(f"{METHODS[self.method].title} does not fit {model.entry.id}.", refusal)
        findings = dict.fromkeys(model.entry.spelled(finding) for finding in self.findings)
        if self.map and len(findings) > 1:
            raise InvalidRequest("A map explains one finding.", "Name one finding, or none for the answer's.")
        return replace(self, findings=tuple(findings))


def results(
    files: Sequence[File],
    options: Options,
    store: Store,
    keeper: Keeper,
    request_id: str,
    deadline: Deadline,
) -> bytes:
    """Analyze files, and keep the results in the history if the keeper is enabled.

    Returns:
        JSON (see schemas.Answer) with one result per file, in order: a Case or a problem.

    Raises:
        XrayError: If the options are invalid, or the only file cannot be analyzed.
        NothingAnalyzed: If none of several files can be analyzed.
    """
    options = options.resolved()
    if options.map and len(files) > 1:
        raise InvalidRequest("A map belongs to one film.", "Send the film with its map in a request.")
    found: list[dict[str, Any]] = []
    for file in files:
        deadline.check()
        try:
            found.append(_result(read_radiograph(file.data, file.name), options, store, keeper, deadline))
        except XrayError as error:
            if len(files) == 1:
                raise
            found.append({"case": None, "maps": [], "evidence": [], "problem": problem(error, request_id)})
    if not any(result["case"] for result in found):
        raise NothingAnalyzed([result["problem"] for result in found])
    return json.dumps({"results": found, "maps_kept_seconds": store.seconds}, ensure_ascii=False).encode()


def _result(
    film: Radiograph, options: Options, store: Store, keeper: Keeper, deadline: Deadline
) -> dict[str, Any]:
    case = case_of(film, options, keeper, deadline)
    ids = store.add(case) if case.explanations else []
    return {
        "case": case_facts(case),
        "maps": [
            {"finding": explanation.finding}
            | {kind: LINK.format(id=map_id, kind=kind) for kind in ("png", "npy")}
            for explanation, map_id in zip(case.explanations, ids, strict=True)
            if not options.findings or explanation.finding in options.findings
        ],
        "evidence": list(_evidence(case, options, keeper, deadline)) if options.evidence else [],
        "problem": None,
    }


def case_of(film: Radiograph, options: Options, keeper: Keeper, deadline: Deadline) -> Case:
    """Analyze a film as all interfaces do; a slow method explains every requested finding."""
    first, *others = options.findings or (None,)
    request = Request(
        options.model, options.method, first, options.threshold, options.anyway, options.intervals
    )
    case = keeper.analyze(film, request, deadline.check)
    if options.map:
        upload = options.map
        values, file = read_map(upload.data, upload.name, upload.scale)
        return with_external_map(case, values, file, first or case.answer.finding)
    if others and options.method and not METHODS[options.method].explains_all:
        model, method = model_of(case.prediction), METHODS[options.method]
        more = explain(model, film, method, others, deadline.check)[1]
        case = replace(case, explanations=(*case.explanations, *more))
    return case


def _evidence(case: Case, options: Options, keeper: Keeper, deadline: Deadline) -> Iterator[dict[str, Any]]:
    for finding in options.findings or (case.answer.finding,):
        checks = checks_with_deadline(case, finding, deadline)
        explanation = case.explanation(finding)
        keeper.keep(case, explanation, checks)
        yield {
            "finding": finding,
            "method": explanation.method,
            "checks": [check_facts(check) for check in checks],
            "verdict": verdict_facts(verdict_of(explanation, checks)),
        }


def checks_with_deadline(case: Case, finding: str, deadline: Deadline) -> tuple[Check, ...]:
    """Run every check on a finding's map; raise HTTPException 504 when the time is over."""
    checks = []
    for check in checks_of(case, case.explanation(finding)):
        deadline.check()
        checks.append(check)
    return tuple(checks)


def picture(store: Store, map_id: str, _deadline: Deadline) -> bytes:
    """The overlay of a finding at source resolution as PNG."""
    case, explanation = store.find(map_id)
    return png(draw(case, explanation.finding, Drawing()), case, explanation.finding)


def raw_map(store: Store, map_id: str, _deadline: Deadline) -> bytes:
    """The raw map (h, w) of a finding as NPY, in units of its logit."""
    return npy(store.find(map_id)[1].raw_map)
