"""The dashboard and the REST API in one process, which share their models: streamlit run serve.py."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from logging.config import dictConfig

import streamlit as st
from starlette.middleware import Middleware

from xray.api.server import LOGGING, Beside, application, warn_if_open
from xray.api.settings import ApiSettings

settings = ApiSettings()
api = application(settings)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    dictConfig(LOGGING)
    warn_if_open(st.get_option("server.address") or "0.0.0.0", settings)
    async with api.router.lifespan_context(api):
        yield


app = st.App("dashboard.py", lifespan=lifespan, middleware=[Middleware(Beside, api=api)])
