# The service, on a CPU or a GPU. PYTHON_DIGEST (sha256:...) is the base image's, which only a registry can tell: deploy/images.sh
# asks for it once, and docker compose hands it on. There is no default, so that no build takes whatever a tag names that day.
# pip's default build of torch carries CUDA; name the package index of the CPU builds in TORCH_INDEX for a much smaller image.
ARG PYTHON_DIGEST
FROM python:3.11-slim@${PYTHON_DIGEST}

ARG TORCH_INDEX=
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/silverprint

COPY requirements requirements
COPY deploy/install.sh deploy/
RUN PIP_EXTRA_INDEX_URL="$TORCH_INDEX" sh deploy/install.sh torch \
 && sh deploy/install.sh build service traces node

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY backend backend
COPY engine engine
COPY kernels kernels
COPY training training
COPY benchmarks benchmarks
COPY web web
COPY models models
RUN npm --prefix web ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && python web/vendor.py \
 && sh deploy/install.sh project \
 && rm -rf web/node_modules

RUN useradd --create-home --uid 10001 silverprint && install -d -o silverprint /data
USER silverprint
VOLUME /data
EXPOSE 8017 9017
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8017/healthz', timeout=2)"]
ENTRYPOINT ["silverprint"]
CMD ["serve", "--host", "0.0.0.0", "--data", "/data"]
