# One image for every Airflow component and for the command line `touchline`.
FROM python:3.12-slim-bookworm

LABEL org.opencontainers.image.title="Touchline" \
      org.opencontainers.image.licenses="Apache-2.0"

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /opt/touchline

# Everything is pinned with its hash; the project's own code changes more often and comes after.
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps --requirement requirements.lock \
    && pip check

# The package is used from its folder, as in a checkout: no build backend is needed in the image.
COPY docker ./docker
COPY expectations ./expectations
COPY dbt_project ./dbt_project
COPY dags ./dags
COPY plugins ./plugins
# Compiled here, because the user below may not write beside the code.
RUN chmod -R a+rX . && python -m compileall -q plugins dags

# Group 0 may write the state folders, so that compose can run the image as the owner of the landing folder.
RUN useradd --uid 10001 --gid 0 --home-dir /var/lib/touchline --no-create-home --shell /usr/sbin/nologin touchline \
    && install --directory --owner touchline --group root --mode 2770 \
        /var/lib/touchline /var/lib/touchline/landing /var/lib/touchline/reports /var/lib/touchline/secrets \
        /var/lib/airflow /var/lib/airflow/logs

ENV PATH="/opt/touchline/docker:${PATH}" \
    PYTHONPATH=/opt/touchline/plugins \
    PYTHONUNBUFFERED=1 \
    HOME=/var/lib/touchline \
    USER=touchline \
    TOUCHLINE_HOME=/var/lib/touchline \
    AIRFLOW_HOME=/var/lib/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/touchline/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/touchline/docker/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    DO_NOT_TRACK=1 \
    DBT_SEND_ANONYMOUS_USAGE_STATS=0 \
    GX_ANALYTICS_ENABLED=false

USER touchline
WORKDIR /var/lib/touchline
CMD ["touchline", "--help"]
