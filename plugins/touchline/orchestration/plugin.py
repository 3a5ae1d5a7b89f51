"""Enters Touchline's page into Airflow's web interface. Every Airflow process reads this; the page itself waits."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.sdk.configuration import conf
from airflow.sdk.plugins_manager import AirflowPlugin

PREFIX = "/touchline"

Message = MutableMapping[str, Any]


async def app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]) -> None:
    """The page as an ASGI application, imported by the first request: no other process needs a web framework."""
    from touchline.orchestration import page

    await page.app(scope, receive, send)


def _href() -> str:
    """Where a browser finds the page, whatever folder Airflow is served below."""
    base: str = conf.get("api", "base_url", fallback="") or ""
    below = base.partition("://")[2].partition("/")[2].strip("/")
    return f"/{below}{PREFIX}/" if below else f"{PREFIX}/"


class TouchlinePlugin(AirflowPlugin):
    """The page `Touchline` in the navigation."""

    name = "touchline"
    fastapi_apps = [{"app": app, "url_prefix": PREFIX, "name": "Touchline"}]  # noqa: RUF012 - Airflow's form
    external_views = [  # noqa: RUF012 - Airflow's form
        {"name": "Touchline", "href": _href(), "url_route": "touchline", "destination": "nav", "nav_top_level": True}
    ]
