# Paper Round in a container: docker build -t paper-round . && docker run -e DISCORD_TOKEN -v paper-round:/data paper-round
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home paper-round && install -d -o paper-round -g paper-round /data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY bot bot
RUN python -m compileall -q bot
COPY seeds seeds

# What must outlive the container: subscriptions, deliveries, answers.
ENV DATABASE_URL=/data/paper-round.sqlite3
VOLUME /data

# Inside the container only; publish it, with PAPER_ROUND_HEALTH__HOST=0.0.0.0, for Prometheus.
ENV PAPER_ROUND_HEALTH__PORT=8080
HEALTHCHECK --interval=60s --timeout=10s --start-period=120s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PAPER_ROUND_HEALTH__PORT\"]}/live')"]

USER paper-round
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
