"""Airflow DAG: when the marts asset changes, render the report site from what readers see."""

from datetime import timedelta

from airflow.sdk import dag, task

from touchline.orchestration.assets import MARTS
from touchline.orchestration.callbacks import alert_failure, clear_failure
from touchline.orchestration.defaults import Tag, dag_options

NOTES = """\
### The report site

Renders the pages from the published marts into the state folder's `reports/`. Owner: data-platform.

- **May be ignored:** a first try that fails because a publication swapped the marts meanwhile.
- **Wakes someone:** nobody at night. The pages stay as they were and say of which build they are.
- **Where to look:** the log of `render_reports`; the same by hand: `touchline report`. See `docs/runbook.md`.
"""

options = dag_options(due_after=timedelta(hours=1))
options["default_args"] |= {"on_failure_callback": alert_failure, "on_success_callback": clear_failure}


@dag(
    dag_id="publish_reports",
    description="Render the report site from the published marts",
    schedule=[MARTS],
    tags=[Tag.PUBLISH],
    doc_md=NOTES,
    **options,
)
def publish_reports() -> None:
    @task
    def render_reports() -> str:
        """Render every page; returns the first one's path."""
        from touchline import reports
        from touchline.settings import get_settings

        settings = get_settings()
        return str(reports.render(settings, settings.reports_dir))

    render_reports()


publish_reports()
