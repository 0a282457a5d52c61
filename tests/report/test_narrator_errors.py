"""Errors of a remote narrator are reported, and the template is used."""

import socket

import pytest

from tests.report import planted, provider
from tests.report.remote import KEY, PROMPT, REMOTE, TRUE, request_report
from xray.report import report
from xray.report.narrators.remote import FAILURES

GEMINI_KEY = provider.refusal(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")
ERRORS = {
    "wrong key": {"gemini": GEMINI_KEY, "openai-compatible": provider.refusal(401, "Incorrect API key")},
    "quota": provider.refusal(429, "Quota exceeded", "RESOURCE_EXHAUSTED"),
    "blocked": provider.blocked,
    "overloaded": provider.refusal(503, "The model is overloaded", "UNAVAILABLE"),
    "slow": provider.slow,
    "cut": provider.broken_off,
    "not JSON": provider.text("Certainly! Here is your report."),
    "empty": provider.text(""),
    "no model": provider.refusal(404, "models/some-model is not found", "NOT_FOUND"),
    "refused": provider.refusal(400, "Pictures are not supported", "INVALID_ARGUMENT"),
}
ALSO = {
    "cut short at the end of its length": ("cut", provider.text('{"sentences": [', "length")),
    "ended without being done": ("cut", provider.unfinished),
    "without any event": ("empty", provider.nothing),
    "a page in place of events": ("not JSON", provider.no_json),
    "another form of JSON": ("not JSON", provider.text('{"report": "all is well"}')),
    "sentences that are none": ("not JSON", provider.text('{"sentences": [{"words": 1}]}')),
    "no sentences": ("empty", provider.text('{"sentences": []}')),
}


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_is_reported_and_the_template_is_used(server, name, kind):
    answer = ERRORS[kind][name] if isinstance(ERRORS[kind], dict) else ERRORS[kind]
    stands_in(server, name, kind, answer)


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("what", ALSO)
def test_so_is_an_answer_that_is(server, name, what):
    kind, answer = ALSO[what]
    if "length" in what and name == "gemini":
        answer = provider.text('{"sentences": [', "MAX_TOKENS")
    stands_in(server, name, kind, answer)


def stands_in(server, name: str, kind: str, answer) -> None:
    server.answers = [answer]
    changes = {"timeout": 0.4, "attempts": 1} if kind == "slow" else {}
    result, _ = request_report(server, name, **changes)
    begins, ends = (part.strip("{} .") for part in FAILURES[kind][0].split("{who}"))
    assert begins in result.problem, result.problem
    assert ends.split("{")[0].strip() in result.problem, result.problem
    assert result.problem.endswith("The template was used instead.")
    assert result.prompt == PROMPT
    assert result.sentences == report(planted.chest(), "template", PROMPT).sentences
    assert KEY not in result.problem


@pytest.mark.parametrize("name", REMOTE)
def test_a_missing_server_is_reported(server, name):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    result, _ = request_report(server, name, url=nobody)
    assert "cannot be reached" in result.problem
    assert nobody in result.problem


def test_a_missing_key_is_reported_and_nothing_is_sent(server):
    result, _ = request_report(server, "gemini", key="")
    assert "Gemini needs a key" in result.problem
    assert "XRAY_GEMINI_API_KEY" in result.problem
    assert not server.requests


def test_a_local_server_that_requires_a_key_is_reported(server):
    server.answers = [provider.refusal(401, "No key")]
    result, _ = request_report(server, "openai-compatible", key="")
    assert "needs a key" in result.problem


@pytest.mark.parametrize("name", REMOTE)
def test_an_overloaded_provider_is_retried(server, name):
    server.answers = [provider.refusal(503, "busy", "UNAVAILABLE"), provider.written(TRUE)]
    result, _ = request_report(server, name)
    assert not result.problem
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", REMOTE)
def test_a_stream_that_trickles_on_ends_at_the_time_limit(server, name):
    server.answers = [provider.text(" " * 60, pause=0.05, size=1)]
    result, _ = request_report(server, name, timeout=0.5)
    assert "in 0.5 seconds" in result.problem


def test_a_server_without_schemas_gets_requests_without_them(server):
    server.answers = [provider.refusal(400, "response_format is not supported"), provider.written(TRUE)]
    result, _ = request_report(server, "openai-compatible")
    assert not result.problem
    assert "response_format" not in server.requests[1][2]
