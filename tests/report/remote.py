"""Requests to a narrator on a local server."""

from tests.report import planted, provider
from xray.report import NARRATORS, Access, Sentence, report

REMOTE = [name for name, one in NARRATORS.items() if one.remote]
PROMPT = "Check for fractures in the tibia."
KEY = "a-key-nobody-may-see"
TRUE = {"text": "The input gate accepted the film.", "section": "technique", "cites": [5]}
LIE = {"text": "Pneumonia has a probability of 99.9%.", "section": "findings", "cites": [7]}


def access(server: provider.Provider, name: str, **changes) -> Access:
    path = "/v1" if name == "openai-compatible" else ""
    known = {"model": "some-model", "url": server.address + path, "key": KEY, "timeout": 60.0}
    return Access(**known | {"attempts": 2, "pause": 0.01} | changes)


def request_report(server: provider.Provider, name: str, prompt: str = PROMPT, **changes):
    streamed: list[Sentence] = []
    result = report(
        planted.chest(),
        name,
        prompt,
        access=access(server, name, **changes),
        consent=True,
        on_sentence=streamed.append,
    )
    return result, streamed
