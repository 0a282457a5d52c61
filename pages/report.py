"""Report: a text on one film, each sentence of which is checked against measured facts."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "Report on a radiograph")
with importing():
    from xray.ui.common.cases import chosen_model, linked_case
    from xray.ui.common.films import opened_films
    from xray.ui.common.messages import errors_shown
    from xray.ui.report.saved import saved_reporting
    from xray.ui.report.view import reporting
    from xray.ui.session import session

with errors_shown():
    if saved := session().saved_report:
        saved_reporting(saved)
        st.stop()
    model = chosen_model()
    films = opened_films(
        "report",
        "Drop a film or choose a sample. The report is written from measured facts: offline by a "
        "template, or by a language model that you turn on. Every sentence is checked against the facts.",
    )
    if films:
        reporting(linked_case(films, model.id))
