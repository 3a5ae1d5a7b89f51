"""Touchline's page in Airflow's web interface: what readers see, how fresh each source is, what is wrong.

Whoever may see Airflow's interface may see the page, and nobody else. It holds no personal data: names of sources,
counts, instants and the titles of incidents.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.exc import OperationalError, ProgrammingError
from starlette.staticfiles import StaticFiles

from touchline import health, warehouse
from touchline.alerting.alerts import instant
from touchline.errors import TouchlineError
from touchline.reports import script
from touchline.settings import Settings, get_settings
from touchline.warehouse import Role

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'"
REPORT_POLICY = f"{CONTENT_POLICY}; script-src {script.allowed()}"
START = "index.html"

_environment = Environment(
    loader=PackageLoader("touchline.orchestration"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_environment.filters["instant"] = lambda moment: instant(moment) if moment else ""

app = FastAPI(
    title="Touchline",
    dependencies=[Depends(requires_access_view(AccessView.WEBSITE))],
    # Airflow's own documents are behind its log-in; these would not be.
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)
_Settings = Annotated[Settings, Depends(get_settings)]


@app.get("/")
def show_status(settings: _Settings) -> HTMLResponse:
    """What `touchline status` says. 503 with the reason while the warehouse does not answer."""
    try:
        found, problem = _look(settings), ""
    except TouchlineError as error:
        found, problem = {}, str(error)
    has_report = (settings.reports_dir / START).is_file()
    now = datetime.now(UTC)
    html = _environment.get_template("status.html.jinja").render(
        found=found, problem=problem, has_report=has_report, now=now
    )
    return HTMLResponse(html, status_code=503 if problem else 200, headers=_headers())


@app.get("/report/{path:path}")
async def show_report(path: str, request: Request, settings: _Settings) -> Response:
    """A file of the report site; 404 for anything outside it."""
    if not settings.reports_dir.is_dir():
        raise HTTPException(404, "no report has been rendered yet")
    answer = await StaticFiles(directory=settings.reports_dir).get_response(path or START, request.scope)
    answer.headers.update(_headers(REPORT_POLICY))
    return answer


def _look(settings: Settings) -> dict[str, Any]:
    engine = warehouse.engine(settings, Role.WATCHER)
    try:
        return health.looked_at(settings, engine)
    except OperationalError as error:
        raise warehouse.lost(error, "the warehouse") from None
    except ProgrammingError:
        raise TouchlineError("The warehouse lacks this release's schema", todo="run `touchline upgrade`") from None
    finally:
        engine.dispose()


def _headers(policy: str = CONTENT_POLICY) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
