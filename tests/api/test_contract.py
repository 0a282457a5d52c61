"""The API keeps to what its OpenAPI document says, whatever it is sent; what it keeps is bounded."""

import json
import tempfile
from dataclasses import asdict

import numpy as np
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import encoded, problem_of
from xray.api import ApiSettings, application
from xray.api.schemas import EXAMPLE, Answer, ModelFacts, ModelInfo
from xray.api.store import Store, size
from xray.explain import METHODS
from xray.io import read_radiograph
from xray.models.gate import GATE
from xray.models.registry import entries, entry
from xray.pipeline import Request, analyze
from xray.report import report

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_asgi("/api/openapi.json", application(ApiSettings(tokens="")))


@schema.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_the_document_describes(case):
    case.call_and_validate(checks=CHECKS)


def test_an_answer_to_a_film_is_one_the_document_describes(chest):
    for path, field in [("/api/analyze", "files"), ("/upload", "file")]:
        body = {field: [chest] if field == "files" else chest}
        case = schema[path]["POST"].Case(body=body, media_type="multipart/form-data")
        response = case.call_and_validate(checks=CHECKS)
        assert response.status_code == 200


def test_the_example_is_an_answer_of_this_version():
    Answer.model_validate(EXAMPLE)


@pytest.fixture
def client() -> TestClient:
    return TestClient(application(ApiSettings(tokens="")))


def test_models_and_their_methods_are_listed(client: TestClient):
    listed = [ModelFacts.model_validate(one) for one in client.get("/api/models").json()]
    bundled = [one.id for one in entries() if one.id != GATE and not one.teaching]
    assert [one.id for one in listed][: len(bundled)] == bundled
    assert [one.id for one in listed if one.default] == [entry().id]
    info = ModelInfo.model_validate(client.get("/model-info", params={"model": "pneumonia-vit"}).json())
    assert info.methods.keys() == METHODS.keys()
    assert info.methods["rollout"] == ""
    assert ModelInfo.model_validate(client.get("/model-info").json()).id == entry().id
    problem_of(client.get("/model-info", params={"model": "oracle"}), 404)


def test_maps_that_are_not_kept_are_not_found(client: TestClient):
    for id in ("0" * 32 + "-0", "x", "0" * 32 + "-" + "9" * 5000):
        problem = problem_of(client.get(f"/api/explanations/{id}.png"), 404)
        assert "Analyze the film again." in problem["detail"]


def test_large_films_never_touch_a_disk(monkeypatch):
    film = encoded(np.random.default_rng(0).random((800, 800)), 16)
    assert len(film) > 1_000_000  # from where on uploads go into temporary files
    monkeypatch.setattr(tempfile, "TemporaryFile", pytest.fail)
    answer = TestClient(application(ApiSettings(tokens=""))).post(
        "/api/analyze", files={"files": ("a.png", film)}, data={"anyway": "true", "intervals": "false"}
    )
    assert answer.status_code == 200


def test_more_films_than_allowed_are_refused(chest):
    client = TestClient(application(ApiSettings(tokens="", files=2)))
    answer = client.post("/api/analyze", files=[("files", ("a.png", chest))] * 3)
    assert answer.status_code == 422
    assert "Send at most 2 at once." in answer.json()["detail"]


def test_a_report_is_the_one_the_package_writes(chest):
    client = TestClient(application(ApiSettings(tokens="")))
    fields = {"prompt": "check for fractures", "intervals": "false"}
    written = client.post("/api/report", files={"file": ("a.png", chest)}, data=fields).json()
    case = analyze(read_radiograph(chest, "a.png"), Request(intervals=False))
    assert written == json.loads(json.dumps(asdict(report(case, "template", "check for fractures"))))
    assert any("Fracture was requested and was not assessed" in one["text"] for one in written["facts"])


def test_a_report_is_refused_in_sentences(chest):
    client = TestClient(application(ApiSettings(tokens="")))

    def problem(film: bytes, **fields: str) -> str:
        answer = client.post("/api/report", files={"file": ("a.png", film)}, data=fields)
        assert answer.status_code == 422
        return answer.json()["detail"]

    assert "nothing is sent without consent" in problem(chest, narrator="gemini", intervals="false")
    assert "There is no narrator 'poet'." in problem(chest, narrator="poet")
    assert "cut short" in problem(chest[:3000])


def test_what_is_kept_stays_within_its_bytes_and_its_time(film):
    case = analyze(film, Request(anyway=True, intervals=False))
    now = 0.0
    store = Store(3 * size(case), seconds=60, clock=lambda: now)
    ids = [store.add(case)[0] for _ in range(5)]
    assert len(store) == 3
    with pytest.raises(Exception, match="no longer kept"):
        store.find(ids[1])
    assert store.find(ids[4])[1] is case.explanations[0]
    now = 61.0
    with pytest.raises(Exception, match="no longer kept"):
        store.find(ids[4])
    assert len(store) == 0


def test_head_answers_as_get_without_the_body(chest):
    client = TestClient(application(ApiSettings(tokens="")))
    (result,) = client.post("/upload", files={"file": ("a.png", chest)}).json()["results"]
    links = [result["maps"][0][kind] for kind in ("png", "npy")]
    fixed = [
        path for path, methods in client.get("/api/openapi.json").json()["paths"].items() if "get" in methods
    ]
    assert len(fixed) == 5
    for path in [
        *(path for path in fixed if "{" not in path),
        *links,
        "/api/openapi.json",
        "/nowhere",
        "/upload",
    ]:
        get, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (get.status_code, b""), path
        for name in get.headers.keys() - {"x-request-id"}:
            assert head.headers[name] == get.headers[name], path


def sent_parts(path: str, *parts: tuple[str, bytes]) -> dict:
    """The problem of a multipart request with these parts (parameters of the header, content)."""
    lines = [
        b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), content)
        for head, content in parts
    ]
    client = TestClient(application(ApiSettings(tokens="")))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(path, content=b"".join(lines) + b"--x--\r\n", headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == answer.json()["status"] == 422
    return answer.json()


@pytest.mark.parametrize(
    ("path", "field"), [("/api/analyze", "files"), ("/upload", "file"), ("/api/report", "file")]
)
def test_a_part_without_a_file_name_is_refused_in_a_sentence(chest, path, field):
    for parts in (
        [(f'name="{field}"', chest)],
        [(f'name="{field}"; filename="a.png"', chest), (f'name="{field}"', b"")],
    ):
        problem = sent_parts(path, *parts)
        assert problem["type"].endswith("invalid-request")
        assert f"A part {field} has no file name. Add filename to" in problem["detail"]


@pytest.mark.parametrize("path", ["/upload", "/api/report"])
def test_two_fields_file_are_refused_and_none_is_dropped_silently(chest, path):
    parts = [(f'name="file"; filename="{name}.png"', chest) for name in "ab"]
    detail = sent_parts(path, *parts)["detail"]
    assert detail.startswith(f"The request has 2 fields named file; {path} takes one film.")
    assert "/api/analyze" in detail
