"""Which channels a message goes to, by the route of its source and by its severity."""

from dataclasses import dataclass

from pydantic import SecretStr

from touchline.alerting.alerts import DEFAULT_ROUTE
from touchline.settings import AlertRoute, Settings


@dataclass(frozen=True, slots=True)
class Channels:
    """Every channel of `first` is told; those of `second` in turn, if one of `first` does not answer."""

    first: tuple[SecretStr, ...]
    second: tuple[SecretStr, ...]


def channels_for(settings: Settings, route: str, severity: str) -> Channels:
    """The channels of a route, else of the route `default`, else those of TOUCHLINE_ALERT_URLS."""
    found = settings.alert_routes.get(route) or settings.alert_routes.get(DEFAULT_ROUTE)
    if found is None:
        return Channels(tuple(settings.alert_urls), tuple(settings.alert_second_urls))
    return Channels(tuple(_of_severity(found, severity)), tuple(found.second))


def _of_severity(route: AlertRoute, severity: str) -> list[SecretStr]:
    if severity == "warning" and route.warning is not None:
        return route.warning
    if severity == "digest" and route.digest is not None:
        return route.digest
    return route.critical
