FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN CDP_HOME=/tmp/build /venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CDP_HOME=/data
RUN useradd --system --uid 10001 --no-create-home cdp && install -d -o cdp /data
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER cdp
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "cdp.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "20", "--no-control-socket"]
