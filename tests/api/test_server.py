"""A real server: the same Case as the terminal's, maps by link, a problem document for every fault."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys

import httpx
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.api.conftest import Server, problem_of, send_films, serving
from tests.parity import assert_same, assert_same_map, assert_same_picture
from xray.api.schemas import Answer
from xray.cli import app
from xray.errors import XrayError
from xray.evidence import CHECKS
from xray.io import read_radiograph
from xray.pipeline import Request, analyze
from xray.render.overlay import Drawing, draw
from xray.settings import ROOT

TOKENS = "first-token, second-token"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server"), "--body-mb=2", tokens=TOKENS) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server):
    with httpx.Client(
        base_url=server.address, headers={"Authorization": "Bearer second-token"}, timeout=60
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ((), {}),
        (("--threshold", "0.4"), {"threshold": "0.4"}),
        (("--model", "findings-cnn", "--finding", "edema"), {"model": "findings-cnn"}),
    ],
)
def test_the_api_and_the_terminal_give_the_same_case(client, chest, tmp_path, options, fields):
    (tmp_path / "chest.png").write_bytes(chest)
    command = ["analyze", str(tmp_path / "chest.png"), "--json", *options]
    (from_terminal,) = json.loads(CliRunner().invoke(app, command).stdout)
    assert from_terminal.pop("path") == command[1]
    for address in ("/api/analyze", "/upload"):
        answer = send_films(client, ("chest.png", chest), to=address, **fields)
        assert answer.status_code == 200, answer.text
        Answer.model_validate(answer.json())
        (result,) = answer.json()["results"]
        assert_same(result["case"], from_terminal)
        assert result["problem"] is None


def test_maps_come_by_link_as_the_page_draws_them_and_as_raw_values(client, chest):
    (result,) = send_films(client, ("chest.png", chest), intervals="false").json()["results"]
    case = analyze(read_radiograph(chest, "chest.png"), Request(intervals=False))
    assert [one["finding"] for one in result["maps"]] == result["case"]["findings"]
    for link, explanation in zip(result["maps"], case.explanations, strict=True):
        drawn = Image.open(io.BytesIO(client.get(link["png"]).content))
        assert_same_picture(np.asarray(drawn), draw(case, explanation.finding, Drawing()))
        values = np.load(io.BytesIO(client.get(link["npy"]).content), allow_pickle=False)
        assert_same_map(values, explanation.raw_map)


def test_findings_asked_for_are_linked_and_explained_by_a_slow_method(client, chest):
    fields = {"model": "findings-cnn", "finding": ["edema", "Hernia"]}
    (quick,) = send_films(client, ("a.png", chest), **fields).json()["results"]
    assert [one["finding"] for one in quick["maps"]] == ["Edema", "Hernia"]
    slow = {"finding": "hernia", "method": "integrated-gradients", "intervals": "false"}
    (result,) = send_films(client, ("a.png", chest), **fields | slow).json()["results"]
    (explanation,) = result["case"]["explanations"]
    assert (explanation["finding"], explanation["method"]) == ("Hernia", "integrated-gradients")
    assert result["case"]["intervals"] == []


@pytest.mark.slow
def test_evidence_on_request_puts_every_check_to_the_finding_of_the_answer(client, chest):
    (result,) = send_films(
        client, ("a.png", chest), model="findings-cnn", evidence="true", intervals="false"
    ).json()["results"]
    (evidence,) = result["evidence"]
    case = result["case"]
    margins = np.subtract(case["probabilities"], case["thresholds"])
    first = int(np.argmax(margins)) if (margins >= 0).any() else int(np.argmax(case["probabilities"]))
    assert evidence["finding"] == case["answer"]["finding"] == case["findings"][first]
    assert [one["name"] for one in evidence["checks"]] == list(CHECKS)
    assert evidence["verdict"]["support"] in ("supported", "not supported", "cannot tell")


def test_several_files_have_one_result_each_in_order(client, chest, forearm):
    files = [("a.png", chest), ("cut.png", chest[:3000]), ("arm.png", forearm), ("b.png", chest)]
    answer = send_films(client, *files, intervals="false")
    assert answer.status_code == 200
    Answer.model_validate(answer.json())
    results = answer.json()["results"]
    assert [one["case"] and one["case"]["file"] for one in results] == ["a.png", None, None, "b.png"]
    kinds = [one["problem"] and one["problem"]["type"].rpartition(":")[2] for one in results]
    assert kinds == [None, "unreadable-image", "refused-radiograph", None]


def test_a_file_at_fault_has_the_sentence_of_the_page(client, chest, forearm):
    for name, data, kind in [
        ("cut.png", chest[:3000], "unreadable-image"),
        ("notes.txt", b"no film at all", "unreadable-image"),
        ("arm.png", forearm, "refused-radiograph"),
    ]:
        with pytest.raises(XrayError) as raised:
            analyze(read_radiograph(data, name))
        problem = problem_of(send_films(client, (name, data)), 422)
        assert problem["detail"] == str(raised.value)
        assert problem["type"].endswith(kind)
    anyway = send_films(client, ("arm.png", forearm), anyway="true").json()["results"][0]["case"]
    assert not anyway["gate"]["accepted"]


def test_no_film_that_can_be_analyzed_is_a_problem_with_a_problem_for_each(client, chest, forearm):
    problem = problem_of(send_films(client, ("cut.png", chest[:3000]), ("arm.png", forearm)), 422)
    assert [one["type"].rpartition(":")[2] for one in problem["problems"]] == [
        "unreadable-image",
        "refused-radiograph",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"model": "oracle"}, "There is no model 'oracle'."),
        ({"model": "shortcut-letter"}, "shortcut-letter is made for lessons, not for analyzing films."),
        ({"model": "gate-mobilenet"}, "gate-mobilenet is made for the input gate, not for analyzing films."),
        ({"finding": "Bliss"}, "does not report 'Bliss'"),
        ({"method": "tea leaves"}, "There is no explanation method 'tea leaves'."),
        ({"method": "rollout"}, "does not fit pneumonia-mobilenet."),
        ({"method": "none", "evidence": "true"}, "Name a method."),
        ({"threshold": "7"}, "threshold: Input should be less than or equal to 1."),
    ],
)
def test_what_does_not_exist_is_refused_in_a_sentence(client, chest, fields, sentence):
    assert sentence in problem_of(send_films(client, ("a.png", chest), **fields), 422)["detail"]


def test_a_map_of_the_film_takes_the_place_of_a_method(client, chest):
    stored = io.BytesIO()
    np.save(stored, np.arange(49, dtype=np.float32).reshape(7, 7))
    fields = {"model": "findings-cnn", "finding": "mass", "intervals": "false"}
    parts = [("file", ("a.png", chest)), ("map", ("map.npy", stored.getvalue()))]
    (result,) = client.post("/upload", files=parts, data=fields).json()["results"]
    (explanation,) = result["case"]["explanations"]
    assert (explanation["finding"], explanation["method"]) == ("Mass", "external")
    assert explanation["file"]["sha256"] == hashlib.sha256(stored.getvalue()).hexdigest()
    assert np.array_equal(explanation["raw_map"], np.arange(49).reshape(7, 7))
    assert [link["finding"] for link in result["maps"]] == ["Mass"]
    refused = problem_of(client.post("/upload", files=parts, data=fields | {"map_scale": ["0", "1"]}), 422)
    assert refused["title"] == "Unusable map"
    assert refused["detail"].startswith("map.npy contains values, so it needs no scale.")
    several = [("files", ("a.png", chest)), ("files", ("b.png", chest)), parts[1]]
    assert (
        "A map belongs to one film." in problem_of(client.post("/api/analyze", files=several), 422)["detail"]
    )


def test_the_client_in_the_documentation_works(server, chest, tmp_path):
    (tmp_path / "film.png").write_bytes(chest)
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    known = os.environ | {"XRAY_API": server.address, "XRAY_TOKEN": "first-token"}
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, env=known, capture_output=True, text=True, check=True
    )
    assert "film.png: Calls " in done.stdout
    assert "  Pneumonia " in done.stdout
    assert Image.open(tmp_path / "Pneumonia.png").size == Image.open(tmp_path / "film.png").size


def test_without_one_of_the_tokens_nothing_is_answered(server, chest):
    for given in (None, "Bearer third-token", "Bearer first-token,", "Basic first-token", "Bearer"):
        headers = {"Authorization": given} if given else {}
        for method, path in [("POST", "/api/analyze"), ("POST", "/upload"), ("GET", "/api/models")]:
            response = httpx.request(method, server.address + path, headers=headers)
            problem_of(response, 401)
            assert response.headers["www-authenticate"] == "Bearer"
    assert httpx.get(f"{server.address}/health").is_success
    for token in ("first-token", "second-token"):
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{server.address}/api/models", headers=headers).is_success


def test_a_body_over_the_limit_is_refused_by_its_length_or_as_it_comes(server, client):
    """By its announced length before any of it is read; a body without one once it passes the limit."""
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    announced = server.only_head(2_000_001, "Authorization: Bearer first-token\r\n")
    assert announced.startswith(b"HTTP/1.1 413 ")
    sent = 0

    def body():
        nonlocal sent
        yield head
        for _ in range(600):
            sent += 1
            yield bytes(100_000)

    problem_of(client.post("/api/analyze", content=body(), headers=kind), 413)
    assert sent < 600  # the rest was not asked for


def test_the_log_names_requests_but_never_files(server, client, chest, forearm):
    name = "Distinctive-Name-4711"
    own = client.post(
        "/api/analyze",
        files={"files": (f"{name}.png", chest[:3000])},
        headers={"X-Request-ID": "my-request-1"},
    )
    assert own.headers["x-request-id"] == "my-request-1"
    assert name in own.json()["detail"]
    odd = client.post(
        "/api/analyze", files={"files": (f"{name}.png", forearm)}, headers={"X-Request-ID": "two words"}
    )
    assert re.fullmatch(r"[0-9a-f]{16}", odd.headers["x-request-id"])
    assert send_films(client, (f"{name}.png", chest), intervals="false").is_success
    client.get(f"/api/{name}")
    client.get("/model-info", params={"model": name})
    send_films(client, (f"{name}.png", chest), model=name)
    assert "my-request-1 POST /api/analyze 422" in server.log
    assert odd.headers["x-request-id"] in server.log
    assert name not in server.log
    assert "token" not in server.log


def test_it_listens_on_this_computer_alone(server):
    assert "Uvicorn running on http://127.0.0.1" in server.log
    assert "open to" not in server.log
