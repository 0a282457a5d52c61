"""History: earlier results, stored on this computer if the user turns it on."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "History")
with importing():
    from xray.ui.common.keeping import history, history_exists, is_keeping, is_offered
    from xray.ui.common.messages import errors_shown
    from xray.ui.history.view import history_page

if not is_offered():
    st.info(
        "The history is available to signed-in users and on the computer that runs this page.",
        icon=":material/lock:",
    )
    st.stop()
with errors_shown():
    if is_keeping() or history_exists():
        history_page(history())
    else:
        st.caption(
            "Nothing is stored. Turn on **Keep results on this computer** in the sidebar. Then, for every "
            "analyzed film, the time, the hash of its pixels, the model, its predictions, the results of "
            "gate and checks, and a small encrypted overlay are stored, but neither the film nor its name."
        )
