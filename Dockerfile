# `inspector serve` and `inspector proxy` in a container: docs/container.md says how to run it.
FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE sse_inspector.py ./
COPY inspector inspector
COPY recordings recordings
# --without-pip: nothing in the image installs anything.
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/inspector \
    && pip --python /opt/inspector install --no-cache-dir /wheels/*.whl \
    && install -d -o 65532 -g 65532 /recordings

FROM python:3.13-slim-trixie
COPY --from=build /opt/inspector /opt/inspector
COPY --from=build --chown=65532:65532 /recordings /recordings
# One port for both commands, so that one health check fits both.
ENV PATH=/opt/inspector/bin:$PATH \
    INSPECTOR_SERVE_HOST=0.0.0.0 \
    INSPECTOR_SERVE_PORT=8484 \
    INSPECTOR_PROXY_HOST=0.0.0.0 \
    INSPECTOR_PROXY_PORT=8484
WORKDIR /recordings
# A number, because Kubernetes' runAsNonRoot cannot tell from a name.
USER 65532:65532
EXPOSE 8484
# It asks each second at the start: what waits for a healthy container does not wait for the interval.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --start-interval=1s \
    CMD ["/opt/inspector/bin/python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['INSPECTOR_SERVE_PORT'] + '/inspector/health', timeout=2)"]
ENTRYPOINT ["inspector"]
CMD ["--help"]
