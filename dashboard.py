"""Navigation and sidebar: streamlit run dashboard.py."""

import streamlit as st

from xray import NOTICE
from xray.ui import ICON, SIDEBAR, STYLE
from xray.ui.access import sign_in, visitor
from xray.ui.navigation import PAGES
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
st.html(STYLE)
st.set_option("client.showSidebarNavigation", True)  # False in config.toml hides the menu of files in pages/
page = st.navigation(
    [
        st.Page(facts.script, title=facts.title, icon=facts.icon, help=facts.help, default=facts is PAGES[0])
        for facts in PAGES
    ]
)
st.sidebar.subheader("X-ray explainability")
st.caption(NOTICE)
with importing():  # pandas and SQLAlchemy; navigation and notice show before
    from xray.ui.common.glossary import glossary
    from xray.ui.common.keeping import history_switch
    from xray.ui.reload import remember, restore_after_reload
restore_after_reload()
sign_in()
history_switch()
glossary()
st.sidebar.html(SIDEBAR, unsafe_allow_javascript=True)
state, user = session(), visitor().user  # not available after st.stop()
try:
    page.run()
finally:  # also if the page stops or starts another run
    remember(state, user)
