"""A visitor of the dashboard without a browser: the messages of the page over its websocket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from websockets.sync.client import ClientConnection, connect

PATIENCE = 120.0


def uploaded(address: str, film: bytes) -> None:
    """Open the Analyze page, upload a film and wait for its results. Raises RuntimeError if none arrive."""
    with (
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
        connect(
            f"{address.replace('http', 'ws')}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            ping_interval=None,
        ) as socket,
    ):
        client.get("/").raise_for_status()
        client.get("/_stcore/host-config")
        token = client.get("/_stcore/health").cookies.get("_streamlit_xsrf", "")
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        first = _answers(socket, asked)
        session = next(one.new_session for one in first if one.HasField("new_session"))
        uploader = next(
            one.delta.new_element.file_uploader.id
            for one in first
            if one.delta.new_element.HasField("file_uploader")
        )
        asked = BackMsg()
        asked.file_urls_request.session_id = session.initialize.session_id
        asked.file_urls_request.request_id = "upload"
        asked.file_urls_request.file_names.append("film.png")
        socket.send(asked.SerializeToString())
        urls = next(
            one.file_urls_response.file_urls[0]
            for one in _messages(socket)
            if one.HasField("file_urls_response")
        )
        sent = client.put(urls.upload_url, files={"file": ("film.png", film)}, headers={"X-Xsrftoken": token})
        sent.raise_for_status()
        drawn = _answers(socket, _with_file(session, uploader, urls, len(film)))
        if not any(one.delta.new_element.HasField("plotly_chart") for one in drawn):
            raise RuntimeError("The page shows no results.")


def _with_file(session: NewSession, uploader: str, urls: object, size: int) -> BackMsg:
    asked = BackMsg()
    asked.rerun_script.page_script_hash = session.page_script_hash
    state = asked.rerun_script.widget_states.widgets.add(id=uploader)
    file = UploadedFileInfo(file_id=urls.file_id, name="film.png", size=size, file_urls=urls)
    state.file_uploader_state_value.uploaded_file_info.append(file)
    return asked


def _answers(socket: ClientConnection, asked: BackMsg) -> list[ForwardMsg]:
    """All messages of one run of the script."""
    socket.send(asked.SerializeToString())
    answers = []
    for one in _messages(socket):
        answers.append(one)
        if one.HasField("script_finished"):
            return answers
    raise RuntimeError("The page was closed.")


def _messages(socket: ClientConnection) -> Iterator[ForwardMsg]:
    while True:
        yield ForwardMsg.FromString(socket.recv(PATIENCE))
