FROM python:3.11-slim

# PyTorch for CPUs; the CUDA build needs several gigabytes more: docker build --build-arg PIP_EXTRA_INDEX_URL= .
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu

ENV PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app
COPY requirements.txt requirements.lock ./
RUN pip install -c requirements.lock -r requirements.txt

COPY .streamlit .streamlit
COPY docs docs
COPY pages pages
COPY weights weights
COPY xray xray
COPY *.py LICENSE ./

# The application writes to this volume and to /tmp only; /tmp can be a tmpfs.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin xray \
    && install --directory --owner xray --mode 700 /data
USER 10001
VOLUME /data
ENV HOME=/tmp \
    XRAY_DATA_DIR=/data \
    XRAY_CACHE_DIR=/data/cache \
    XRAY_FEEDBACK_DIR=/data/feedback \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "dashboard.py"]
