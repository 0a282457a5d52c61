"""The door: streamlit run dashboard.py."""

import streamlit as st

from xray import NOTICE
from xray.ui import ICON
from xray.ui.door import open_door
from xray.ui.history.keeping import history_switch
from xray.ui.sign_in import sign_in

st.set_page_config(page_title="X-ray explainability", page_icon=str(ICON), layout="wide")
if st.get_option("theme.base") == "dark":  # tags and buttons would be white on amber
    st.html(
        "<style>:is([data-tag], [kind=primary]:enabled), :is([data-tag], [kind=primary]:enabled) * "
        "{ color: #0D1014; }</style>"
    )

open_door()
page = st.navigation(
    [
        st.Page(
            "pages/analyze.py",
            title="Analyze",
            icon=":material/radiology:",
            help="Drop radiographs, see what a trained model says of them and where it looked.",
            default=True,
        ),
        st.Page(
            "pages/fractures.py",
            title="Fractures",
            icon=":material/orthopedics:",
            help="Drop films of bones, see boxes, move thresholds at once, ask each box why.",
        ),
        st.Page(
            "pages/compare.py",
            title="Compare",
            icon=":material/grid_view:",
            help="See one film through models, methods and findings, or two films side by side.",
        ),
        st.Page(
            "pages/whatif.py",
            title="What if",
            icon=":material/tune:",
            help="Cover, turn, blur or window a film, watch the answer move, and find what flips it.",
        ),
        st.Page(
            "pages/trust.py",
            title="Trust",
            icon=":material/fact_check:",
            help="Compare methods of explanation on a film and see which of them can be believed.",
        ),
        st.Page(
            "pages/report.py",
            title="Report",
            icon=":material/edit_note:",
            help="Have a report written from what was measured; every sentence is checked against the facts.",
        ),
        st.Page(
            "pages/cohort.py",
            title="Cohort",
            icon=":material/stacks:",
            help="Open a folder or a ZIP of films: a worklist, curves against labels, kinds of heatmaps.",
        ),
        st.Page(
            "pages/learn.py",
            title="Learn",
            icon=":material/school:",
            help="Read films before the model does, see both scored against the truth, take short lessons.",
        ),
        st.Page(
            "pages/history.py",
            title="History",
            icon=":material/history:",
            help="See what models said before, over time, and whether that has drifted.",
        ),
        st.Page(
            "pages/models.py",
            title="Models",
            icon=":material/query_stats:",
            help="See how good each model is, how far to believe its probabilities, and how it was trained.",
        ),
    ]
)
st.sidebar.subheader("X-ray explainability")
sign_in()
history_switch()
st.caption(NOTICE)
page.run()
