"""The demo: a synthetic brand's exports, through Airflow, to audited marts and the report."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from touchline import builds, queries, synthetic, warehouse
from touchline.cli import output
from touchline.errors import TouchlineError
from touchline.orchestration import run_dags
from touchline.settings import Settings

SHOWN_REASONS = 10

_ROWS = text("""
    select loads.source, entity, count(*) as files, sum(rows) as rows
    from ops.loads inner join ops.load_entities using (load_id)
    group by loads.source, entity order by loads.source, entity
""")
_REASONS = text("""
    select outcome, coalesce(nullif(column_name, ''), 'record') as column_name, reason,
        sum(load_reasons.records) as records
    from ops.load_reasons
    group by outcome, column_name, reason order by records desc, outcome, column_name, reason
""")
_BUILD = text("""
    select verdict, checks, (result -> 'counts' ->> 'failed')::integer as failed,
        (select customers from identity.states where build_id = :build_id order by state_id desc limit 1) as customers,
        (select count(*) from identity.nodes where customer_id is null) as refused
    from ops.audits where build_id = :build_id order by audit_id desc limit 1
""")

HEADLINES = (
    ("Purchases", "select count(*) from fct_transactions where not is_return"),
    (
        "Calls answered, of those offered",
        "select round(100.0 * sum(answered) / nullif(sum(offered), 0), 1) || ' %' from rpt_contact_center_intervals",
    ),
    (
        "Solved at first contact (no return in 7 days)",
        (
            "select round(100.0 * sum(without_return) / nullif(sum(closed_windows), 0), 1) || ' % of '"
            " || sum(closed_windows) from rpt_first_contact_resolution where channel = 'all' and issue_code = 'all'"
        ),
    ),
    (
        "Channel consistency, csat (1 = the same in every channel)",
        (
            "select consistency from rpt_channel_consistency where survey_type = 'csat' and period = 'all'"
            " and journey_stage = 'all' and segment_code = 'all'"
            # of several questions, the one that most answers compare channels by
            ' order by compared_responses desc nulls last, survey_version collate "C" limit 1'
        ),
    ),
    (
        "Buy again in the month after their first",
        (
            "select round(100.0 * sum(active_customers) / nullif(sum(cohort_size), 0), 1) || ' %'"
            " from rpt_retention_cohorts where month_offset = 1 and active_customers is not null"
        ),
    ),
)


def run_demo(settings: Settings, *, customers: int, days: int, seed: int) -> bool:
    """Generate, run, summarise; false if anything failed."""
    started = datetime.now(UTC)
    output.progress("starting the embedded Postgres")
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    before = builds.latest_publication(warehouse.engine(settings))
    _generate(settings, customers=customers, days=days, seed=seed)
    summary = run_dags.run_once(settings, output.progress)
    seconds = (datetime.now(UTC) - started).total_seconds()
    _summarise(settings, is_new=builds.latest_publication(warehouse.engine(settings)) != before, seconds=seconds)
    for problem in summary.problems:
        output.messages.print(f"Problem: {problem}", markup=False, style="red")
    return summary.is_ok


def _generate(settings: Settings, **arguments: int) -> None:
    truth = settings.landing_dir / "truth.json"
    if truth.exists():
        known = json.loads(truth.read_text(encoding="utf-8"))["arguments"]
        if all(bool(known[name] == value) for name, value in arguments.items()):
            output.progress(f"the exports are there already: {settings.landing_dir}")
            return
        raise TouchlineError(
            "The landing folder holds a demo with other arguments",
            where=str(settings.landing_dir),
            todo="`make clean` first, or set TOUCHLINE_HOME to a new folder",
        )
    output.progress("generating {customers} customers' exports over {days} days (seed {seed})".format(**arguments))
    synthetic.generate(
        settings.landing_dir, customers=arguments["customers"], days=arguments["days"], seed=arguments["seed"]
    )


def _summarise(settings: Settings, *, is_new: bool, seconds: float) -> None:
    with warehouse.engine(settings).connect() as connection:
        rows = [tuple(row) for row in connection.execute(_ROWS)]
        reasons: list[tuple[Any, ...]] = [tuple(row) for row in connection.execute(_REASONS)]
        live = builds.latest_publication(connection.engine)
        build = connection.execute(_BUILD, {"build_id": live.build_id}).one_or_none() if live else None
    output.as_table(("source", "entity", "files", "rows loaded"), rows, "Loaded")
    output.as_table(("what", "column", "why", "records"), reasons[:SHOWN_REASONS], "Not loaded as delivered")
    if hidden := reasons[SHOWN_REASONS:]:
        records = sum(row[-1] for row in hidden)
        output.results.print(f"and {records} records for {len(hidden)} other reasons: `touchline quarantine list`")
    if live is None or build is None:
        output.results.print("Nothing is published yet")
        return
    output.as_table(("figure", "value"), _headlines(settings), "Headline figures, from the published marts")
    word = "published" if is_new else "unchanged: nothing was new"
    output.results.print(f"Build {live.build_id}, publication {live.publication_id} ({word}); {seconds:.0f} s in all")
    output.results.print(f"{build.customers} customers resolved; {build.refused} identifiers refused by guards")
    output.results.print(f"Audit {build.verdict}: {build.checks} checks, {build.failed} failed")
    output.results.print(f"Report: {settings.reports_dir / 'index.html'}", soft_wrap=True)
    output.results.print("Marts:  schema marts, read by `touchline query`")
    _try_next(settings)


def _headlines(settings: Settings) -> list[tuple[str, Any]]:
    found = []
    for name, sql in HEADLINES:
        _, rows = queries.read(settings, sql)
        found.append((name, rows[0][0] if rows and rows[0][0] is not None else "no figure yet"))
    return found


def _try_next(settings: Settings) -> None:
    output.results.print("\nTry next:")
    export = f"export TOUCHLINE_HOME={settings.home} PATH=$PWD/.venv/bin:$PATH"
    for line in (
        export,
        'touchline query "select customer_id, purchases, last_touch_at from rpt_customer_360 limit 5"',
        "touchline quarantine list",
        "touchline status",
        "touchline rollback          # needs a second build",
        "make up                     # the live system: drop files into the landing folder",
    ):
        output.results.print(f"  {line}", markup=False, soft_wrap=True)
