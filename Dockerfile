# One image for the bot and its embedded backend; BOT_TOKEN and other settings come from the environment.
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/app \
    && /opt/app/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 app && mkdir /home/app/data && chown app /home/app/data
COPY --from=build /opt/app /opt/app
USER app
WORKDIR /home/app
VOLUME /home/app/data
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["/opt/app/bin/python", "-m", "bot"]
CMD ["run"]
