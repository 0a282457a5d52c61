"""Navigation and sidebar: streamlit run dashboard.py."""

import streamlit as st

from xray import NOTICE
from xray.ui import ICON
from xray.ui.access import sign_in
from xray.ui.session import session
from xray.ui.startup import end_soon_after_sigterm, importing

st.set_page_config(page_title="X-ray explainability", page_icon=str(ICON), layout="wide")
if st.get_option("theme.base") == "dark":  # tags and buttons would be white on amber
    st.html(
        "<style>:is([data-tag], [kind=primary]:enabled), :is([data-tag], [kind=primary]:enabled) * "
        "{ color: #0D1014; }</style>"
    )

end_soon_after_sigterm()
session().entered = True
st.set_option("client.showSidebarNavigation", True)  # False in config.toml hides the menu of files in pages/
page = st.navigation(
    [
        st.Page(
            "pages/analyze.py",
            title="Analyze",
            icon=":material/radiology:",
            help="Drop radiographs, see a model's predictions and heatmaps.",
            default=True,
        ),
        st.Page(
            "pages/fractures.py",
            title="Fractures",
            icon=":material/orthopedics:",
            help="Detect fractures, adjust thresholds and see an explanation of each box.",
        ),
        st.Page(
            "pages/compare.py",
            title="Compare",
            icon=":material/grid_view:",
            help="Compare models, methods and findings on one film, or two films side by side.",
        ),
        st.Page(
            "pages/whatif.py",
            title="What if",
            icon=":material/tune:",
            help="Cover, rotate, blur or window a film and see how the prediction changes.",
        ),
        st.Page(
            "pages/trust.py",
            title="Trust",
            icon=":material/fact_check:",
            help="Compare explanation methods on a film and check their reliability.",
        ),
        st.Page(
            "pages/report.py",
            title="Report",
            icon=":material/edit_note:",
            help="Write a report whose sentences are checked against measured facts.",
        ),
        st.Page(
            "pages/cohort.py",
            title="Cohort",
            icon=":material/stacks:",
            help="Analyze many films: worklist, comparison with labels, heatmap clusters.",
        ),
        st.Page(
            "pages/learn.py",
            title="Learn",
            icon=":material/school:",
            help="Practice reading films against a reference and a model, and take short lessons.",
        ),
        st.Page(
            "pages/history.py",
            title="History",
            icon=":material/history:",
            help="See earlier results, their trend, and drift.",
        ),
        st.Page(
            "pages/models.py",
            title="Models",
            icon=":material/query_stats:",
            help="See the performance, calibration and training of each model.",
        ),
    ]
)
st.sidebar.subheader("X-ray explainability")
st.caption(NOTICE)
with importing():  # pandas and SQLAlchemy; navigation and notice show before
    from xray.ui.common.keeping import history_switch
sign_in()
history_switch()
page.run()
