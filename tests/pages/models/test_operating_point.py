"""The operating point and the prevalence change sensitivity, counts and predictive values."""

import pytest

from tests.pages.conftest import shown_text
from tests.pages.models.conftest import MADE_UP, metrics, opened, said


@pytest.mark.parametrize("model_id", MADE_UP)
def test_the_operating_point_moves_sensitivity_and_counts_to_what_was_measured(made_up, figures, model_id):
    page = opened(model_id)
    findings = figures[model_id]["test"]["findings"]
    name = list(findings)[-1]
    if len(findings) > 1:
        page.selectbox(key=f"curve of:{model_id}").select(name).run()
    finding = findings[name]
    assert metrics(page)["Sensitivity"] == said(finding["metrics"]["sensitivity"])
    assert metrics(page)["Specificity"] == said(finding["metrics"]["specificity"])
    curve = finding["curve"]
    for index in (5, 20, 35):
        page.select_slider(key=f"point:{model_id}:{name}").set_value(curve["thresholds"][index]).run()
        assert not page.exception
        for label in ("sensitivity", "specificity"):
            low, high = (curve[f"{label}_{end}"][index] for end in ("low", "high"))
            stored = {"value": curve[label][index], "low": low, "high": high}
            assert metrics(page)[label.capitalize()] == said(stored)
        counted = next(one.value for one in page.table if "predicted positive" in one.value)
        called = list(counted["predicted positive"])
        assert called[0] == round(curve["sensitivity"][index] * finding["positives"])
        assert called[0] / sum(called) == pytest.approx(curve["precision"][index], abs=1e-4)


def test_predictive_values_follow_bayes_rule_at_the_prevalence_set(made_up, figures):
    """By hand, for a sensitivity s and a specificity p: of 1000 people 20 have it, 20 s are found; of 980
    others 980 (1 - p) are predicted positive, too."""
    page = opened("made-up-two")
    finding = figures["made-up-two"]["test"]["findings"]["Pneumonia"]
    page.slider(key="prevalence:made-up-two:Pneumonia").set_value(2.0).run()
    s, p = (finding["metrics"][name]["value"] for name in ("sensitivity", "specificity"))
    shown = metrics(page)
    assert shown["PPV"][0] == f"{20 * s / (20 * s + 980 * (1 - p)):.3f}"
    assert shown["NPV"][0] == f"{980 * p / (980 * p + 20 * (1 - s)):.3f}"
    assert f"20 show the finding: {20 * s:.0f} are found and {20 * (1 - s):.0f} missed" in shown_text(page)


def test_at_the_prevalence_of_the_test_films_the_predictive_value_is_the_precision(made_up, figures):
    curve = figures["made-up-two"]["test"]["findings"]["Pneumonia"]["curve"]
    page = opened("made-up-two")
    page.select_slider(key="point:made-up-two:Pneumonia").set_value(curve["thresholds"][20]).run()
    shown = float(metrics(page)["PPV"][0])
    assert shown == pytest.approx(curve["precision"][20], abs=2e-3)  # the slider knows a tenth of a percent
