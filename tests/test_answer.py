"""The answer of a model: its call, its certainty and their wording."""

import numpy as np
import pytest

from xray.types import GateResult, Prediction, answer_of
from xray.types.answer import percent_range


def prediction(findings, probabilities, thresholds, **more) -> Prediction:
    values, points = (np.array(given, np.float32) for given in (probabilities, thresholds))
    more = {name: np.array(given, np.float32) for name, given in more.items()}
    return Prediction("model", "0" * 64, tuple(findings.split()), values, values, points, **more)


def softmax(pneumonia: float, present=(0.8, 0.2), **more) -> Prediction:
    return prediction("Normal Pneumonia", (1 - pneumonia, pneumonia), (0.808, 0.192), present=present, **more)


def sigmoid(*probabilities: float, present=(0.2, 0.2, 0.2), absent=(0.9, 0.9, 0.9), **more) -> Prediction:
    return prediction(
        "Mass Nodule Effusion", probabilities, (0.3, 0.1, 0.5), present=present, absent=absent, **more
    )


def detector(fracture: float, **more) -> Prediction:
    return prediction("Fracture", (fracture,), (0.55,), present=(0.3,), absent=(0.4,), **more)


CALLED, NOT_CALLED = "Calls Pneumonia (28.6%, operating point 19.2%)", "Calls no finding; the most likely is"
CASES = {
    "softmax, called, set of one": (
        softmax(0.974),
        "certain",
        "high",
        "Calls Pneumonia (97.4%, operating point 19.2%) with high confidence.",
    ),
    "softmax, called, set of two": (
        softmax(0.286, present=(0.6, 0.2)),
        "uncertain",
        "",
        f"{CALLED}, but uncertain: Normal cannot be ruled out.",
    ),
    "softmax, called with a high probability, set of two": (
        softmax(0.95, present=(0.01, 0.2)),
        "uncertain",
        "",
        "Calls Pneumonia (95.0%, operating point 19.2%), but uncertain: Normal cannot be ruled out.",
    ),
    "softmax, called, empty set": (
        softmax(0.286, present=(0.8, 0.4)),
        "uncertain",
        "",
        f"{CALLED}, but uncertain: the prediction set of all findings is empty.",
    ),
    "softmax, called, set of the other": (
        softmax(0.286, present=(0.5, 0.4)),
        "uncertain",
        "",
        f"{CALLED}, but uncertain: the prediction set contains Normal instead.",
    ),
    "softmax, normal": (
        softmax(0.1, present=(0.8, 0.2)),
        "certain",
        "high",
        "Calls Normal (90.0%, operating point 80.8%) with high confidence.",
    ),
    "softmax, no call": (
        softmax(0.4).at_threshold(0.9),
        "uncertain",
        "",
        f"{NOT_CALLED} Normal (60.0%, operating point 90.0%), but uncertain: Pneumonia cannot be ruled out.",
    ),
    "softmax, called, interval across the operating point": (
        softmax(0.286, intervals=[(0.6, 0.85), (0.15, 0.4)]),
        "uncertain",
        "",
        f"{CALLED}, but uncertain: small changes of the film lower it to 15.0%, below the operating point.",
    ),
    "softmax, called, low probability, interval above the operating point": (
        softmax(0.286, intervals=[(0.6, 0.8), (0.2, 0.4)]),
        "certain",
        "low",
        f"{CALLED} with low confidence.",
    ),
    "sigmoid, highest margin first": (
        sigmoid(0.72, 0.64, 0.1, absent=(0.9, 0.9, 0.9)),
        "certain",
        "moderate",
        "Calls Nodule (64.0%, operating point 10.0%) with moderate confidence; also calls Mass.",
    ),
    "sigmoid, called, both answers possible": (
        sigmoid(0.72, 0.05, 0.05, absent=(0.2, 0.9, 0.9)),
        "uncertain",
        "",
        "Calls Mass (72.0%, operating point 30.0%), but uncertain: the absence of Mass cannot be ruled out.",
    ),
    "sigmoid, called, no answer possible": (
        sigmoid(0.72, 0.05, 0.05, present=(0.8, 0.2, 0.2)),
        "uncertain",
        "",
        "Calls Mass (72.0%, operating point 30.0%), but uncertain: the prediction set of Mass is empty.",
    ),
    "sigmoid, called, ruled out": (
        sigmoid(0.35, 0.05, 0.05, present=(0.8, 0.2, 0.2), absent=(0.6, 0.9, 0.9)),
        "uncertain",
        "",
        "Calls Mass (35.0%, operating point 30.0%), but uncertain: the prediction set rules out Mass.",
    ),
    "sigmoid, no call, all ruled out": (
        sigmoid(0.05, 0.04, 0.03),
        "certain",
        "",
        f"{NOT_CALLED} Mass (5.0%, operating point 30.0%); all findings are ruled out.",
    ),
    "sigmoid, no call, two left open": (
        sigmoid(0.25, 0.05, 0.45, absent=(0.5, 0.9, 0.5)),
        "uncertain",
        "",
        f"{NOT_CALLED} Effusion (45.0%, operating point 50.0%), but uncertain: "
        "Mass and Effusion cannot be ruled out.",
    ),
    "detector, called": (
        detector(0.75, intervals=[(0.6, 0.85)]),
        "certain",
        "good",
        "Calls Fracture (75.0%, operating point 55.0%) with good confidence.",
    ),
    "detector, not called": (
        detector(0.03, intervals=[(0.01, 0.1)]),
        "certain",
        "",
        "Does not call Fracture (3.0%, operating point 55.0%); Fracture is ruled out.",
    ),
    "detector, not called, interval across the operating point": (
        detector(0.25, intervals=[(0.1, 0.6)]),
        "uncertain",
        "",
        "Does not call Fracture (25.0%, operating point 55.0%), but uncertain: small changes of the film "
        "raise Fracture to the operating point.",
    ),
    "no conformal figures": (
        prediction("Mass Nodule", (0.95, 0.1), (0.5, 0.5)),
        "not measured",
        "",
        "Calls Mass (95.0%, operating point 50.0%); certainty not measured: the model has no calibrated "
        "prediction sets.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_answer_combines_call_prediction_set_and_interval(name):
    given, certainty, confidence, statement = CASES[name]
    answer = answer_of(given)
    assert (answer.certainty, answer.confidence, answer.statement) == (certainty, confidence, statement)


@pytest.mark.parametrize("probability", np.linspace(0.005, 0.995, 100))
def test_no_confidence_is_stated_where_the_prediction_set_cannot_tell_or_nothing_is_called(probability):
    """The words and their limits are those of an earlier system: 90, 70 and 50%."""
    for given in (softmax(float(probability), present=(0.4, 0.3)), detector(float(probability))):
        answer = answer_of(given)
        if not answer.called or given.answer(answer.finding) == "cannot tell":
            assert "confidence" not in answer.statement
        elif answer.certainty == "certain":
            value = given.probabilities[given.findings.index(answer.finding)]
            expected = (
                "high" if value >= 0.9 else "good" if value >= 0.7 else "moderate" if value >= 0.5 else "low"
            )
            assert f"with {expected} confidence" in answer.statement


def test_a_long_list_of_calls_is_shortened():
    many = prediction("A B C D E F", (0.9, 0.8, 0.7, 0.6, 0.5, 0.4), (0.2,) * 6)
    assert answer_of(many).called == tuple("ABCDEF")
    assert answer_of(many).call == "A, B and 4 more"
    assert answer_of(many).statement.endswith("; also calls B, C and 3 more.")


def test_an_interval_has_one_decimal_and_never_rounds_to_certainty():
    assert percent_range(0.7923, 0.89149) == "79.2% to 89.1%"
    assert percent_range(0.0004, 0.99996) == "0.04% to 99.996%"


@pytest.mark.parametrize(
    ("gate", "doubt"),
    [
        (GateResult(True, "", "", "accepted"), ""),
        (GateResult(True, "", "", "accepted", 0.07, "chest"), ""),
        (
            GateResult(True, "", "", "accepted", 0.0, "chest"),
            "the film is farther from the training films than all that were compared",
        ),
        (
            GateResult(False, "It is inverted.", "", "inverted", 0.6, "chest"),
            "the input gate refused the film",
        ),
    ],
)
def test_no_answer_is_certain_about_a_film_that_the_gate_refused_or_that_is_unlike_all_others(gate, doubt):
    answer = answer_of(softmax(0.974), gate)
    assert answer.confidence == ("" if doubt else "high")
    assert answer.certainty == ("uncertain" if doubt else "certain")
    end = f", but uncertain: {doubt}." if doubt else " with high confidence."
    assert answer.statement == f"Calls Pneumonia (97.4%, operating point 19.2%){end}"
    assert answer_of(softmax(0.286, present=(0.6, 0.2)), gate).reasons[bool(doubt) :] == (
        "Normal cannot be ruled out",
    )
