"""History: earlier results, stored on this computer if the user turns it on."""

import streamlit as st

from xray.ui.startup import importing, open_page

open_page(__file__, "History")
with importing():
    from xray.ui.common.messages import errors_shown
    from xray.ui.history.keeping import history, is_keeping, is_kept_anywhere, is_offered
    from xray.ui.history.view import kept_history

if not is_offered():
    st.info(
        "The history is available to signed-in users and on the computer that runs this page.",
        icon=":material/lock:",
    )
    st.stop()
with errors_shown():
    if is_keeping() or is_kept_anywhere():
        kept_history(history())
    else:
        st.caption(
            "Nothing is stored. Turn on **Keep results on this computer** in the sidebar. Then, for every "
            "analyzed film, the time, the hash of its pixels, the model, its predictions, the results of "
            "gate and checks, and a small encrypted overlay are stored, but neither the film nor its name."
        )
