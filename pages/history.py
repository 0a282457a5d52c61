"""History: what models said of films before, kept on this computer when the user wants it."""

import streamlit as st

from xray.ui.startup import enter, importing

enter(__file__)
st.title("History")
with importing():
    from xray.errors import XrayError
    from xray.ui.common.text import literal
    from xray.ui.history.keeping import history, is_keeping, is_kept_anywhere, is_offered
    from xray.ui.history.view import kept_history

if not is_offered():
    st.info(
        "The history is available to signed-in users and on the computer that runs this page.",
        icon=":material/lock:",
    )
    st.stop()
try:
    if not is_keeping() and not is_kept_anywhere():
        st.caption(
            "Nothing is stored. Turn on **Keep results on this computer** in the sidebar. Then, for every "
            "analyzed film, the time, the hash of its pixels, the model, its predictions, the results of "
            "gate and checks, and a small encrypted overlay are stored, but neither the film nor its name."
        )
        st.stop()
    kept_history(history())
except XrayError as error:
    st.error(literal(str(error)), icon=":material/error:")
