"""The Slices view of the Cohort page: triage groups, figures by column, and the films behind a line."""

import io
import json
import zipfile

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.cohort import begun, choose, cohort_page, lines, view
from tests.pages.conftest import shown_text
from xray.ui.cohort.slices import TABLE, TRIAGE

LABELS = "path,labels,sex\n0.png,No Finding,F\n1.png,Effusion,F\n2.png,Effusion|Mass,M\n"


@pytest.fixture(scope="module")
def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for number in range(3):
            written.writestr(f"{number}.png", simulated_png(number))
        written.writestr("labels.csv", LABELS)
    return buffer.getvalue()


@pytest.fixture
def sliced(archive) -> AppTest:
    page = cohort_page()
    page.file_uploader[0].upload("films.zip", archive)
    page = begun(page.run())
    choose(page, "Finding", "Effusion")
    return view(page, "Slices")


def table(page: AppTest, key: str):
    return next(one for one in page.dataframe if one.key == key)


def select(page: AppTest, key: str, row: int) -> None:
    """Select a line of a table, for which AppTest has no function."""
    states = page._tree.get_widget_states()
    selection = {"rows": [row], "columns": [], "cells": []}
    states.widgets.add(id=table(page, key).proto.id, string_value=json.dumps({"selection": selection}))
    page._run(states)
    assert not page.exception


def test_a_slice_states_its_films_and_opens_them_in_the_worklist(sliced):
    found = table(sliced, TABLE).value
    assert set(found["Slice"]) == {"All films", "sex: F", "sex: M"}
    assert dict(zip(found["Slice"], found["With finding"], strict=True))["sex: F"] == "1 of 2"
    select(sliced, TABLE, found["Slice"].tolist().index("sex: M"))
    assert lines(sliced)["File"].tolist() == ["2.png"]
    assert "Only sex: M" in shown_text(sliced)


def test_a_triage_group_opens_its_films(sliced):
    rows = sliced.session_state["session"].cohort.job.rows
    groups = table(sliced, TRIAGE).value
    assert groups["Films"].sum() == 3
    absent = [row.file for row in rows if row.prediction.possible("Effusion") == ("absent",)]
    present = [row.file for row in rows if row.prediction.possible("Effusion") == ("present",)]
    both = [row.file for row in rows if len(row.prediction.possible("Effusion")) == 2]
    chosen, expected = next((at, files) for at, files in ((0, present), (4, absent), (1, both)) if files)
    assert groups["Films"][chosen] <= len(expected)
    select(sliced, TRIAGE, chosen)
    assert set(lines(sliced)["File"]) <= set(expected)


def test_the_zones_are_those_of_the_maps_of_the_labeled_films(sliced):
    rows = sliced.session_state["session"].cohort.job.rows
    view(sliced, "Zones")
    used = [row for row in rows if row.zones("Effusion") is not None]
    drawn = [json.loads(one.proto.spec) for one in sliced.get("plotly_chart")]
    assert bool(used) == bool(drawn)
    if drawn:
        means = np.mean([row.zones("Effusion") for row in used if row.file != "0.png"], axis=0)
        bars = next(bar for bar in drawn[0]["data"] if bar["name"].startswith("with finding"))
        assert bars["x"] == pytest.approx(means.tolist(), abs=1e-6)
    else:
        assert "No map of Effusion has positive evidence" in shown_text(sliced)


def test_without_columns_the_page_says_how_to_get_them(chest):
    page = cohort_page()
    page.file_uploader[0].upload("chest.png", chest)
    page.run()
    attributes = next(one for one in page.multiselect if one.label.startswith("DICOM attributes"))
    assert "PatientSex" in attributes.options
    assert not attributes.value
    view(begun(page), "Slices")
    assert "There is nothing to group by. Add columns such as age, sex or view" in shown_text(page)
