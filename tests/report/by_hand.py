"""Hand-written reports and checks of analyzed Cases."""

import numpy as np

from xray.evidence import CHECKS
from xray.imaging.phantom import simulated_samples
from xray.pipeline import Request, analyze
from xray.report.types import Fact, Report, Sentence
from xray.types import Case, Check

PROMPT = "Ψάξε για πνευμονία; ищи перелом <script>alert(1)</script> & *[x](http://y.z)*"


def chest_case(model: str, **options) -> Case:
    return analyze(simulated_samples()[0].build().radiograph, Request(model, **options))


def written(case: Case, *, narrator: str = "template", problem: str = "") -> Report:
    """One fact and one sentence per finding, and a false sentence with two flags."""
    said = case.prediction
    facts = [
        Fact(
            number,
            "findings",
            f"{finding} has a probability of {said.probabilities[number - 1]:.1%}.",
            finding,
        )
        for number, finding in enumerate(said.findings, 1)
    ]
    lie = ("The case has no finding called rib fracture.", "Nothing measured says certainly.")
    return Report(
        narrator,
        PROMPT,
        tuple(facts),
        (
            Sentence("One film was looked at.", "technique"),
            *(Sentence(fact.text, "findings", (fact.number,)) for fact in facts),
            Sentence("There is certainly a <b>rib fracture</b>.", "findings", (1,), lie),
            Sentence("Bones were not assessed.", "not assessed"),
        ),
        problem,
    )


def all_checks() -> list[Check]:
    """Every registered check with figures of its own."""
    verdicts = ("passed", "failed", "cannot be judged")
    return [
        Check(name, number + 0.25, 0.5, np.nan, verdicts[number % 3], f"Why {name} & so. " * 6, 1.0)
        for number, name in enumerate(CHECKS)
    ]
