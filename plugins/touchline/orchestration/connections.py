"""Connections of Airflow, handed to the landing; what Airflow does not know may stand in the environment."""

from touchline import connections
from touchline.connections import Connect, Connection
from touchline.settings import Settings


def connect(settings: Settings) -> Connect:
    """Gives the Airflow connection of a name, else the one of the environment or of the secrets folder."""
    otherwise = connections.environment(settings.secrets_dir)
    return lambda name: _of_airflow(name) or otherwise(name)


def _of_airflow(name: str) -> Connection | None:
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = AirflowConnection.get(name)
    except AirflowNotFoundException:
        return None
    names = ("login", "password", "host", "port")
    # `extra_dejson` also tells Airflow to mask what it holds in logs.
    return connections.of_fields(name, {key: getattr(found, key) for key in names} | {"extra": found.extra_dejson})
