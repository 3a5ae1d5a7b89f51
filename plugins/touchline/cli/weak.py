"""Commands about weak evidence of identity: scores, and pairs to review. They show no personal value."""

from typing import Annotated

import typer

from touchline import warehouse
from touchline.cli import output
from touchline.cli.operate import Database, Json, settings_for

weak = typer.Typer(
    help="Contacts whose name, birth year and post code suggest one person; they join nobody.", no_args_is_help=True
)

_COLUMNS = ("match_probability", "left_node", "right_node", "left_customer_id", "right_customer_id", "brand")


@weak.command("score")
def score(database: Database = None, json: Json = False) -> None:
    """Compare all CRM contacts inside the vault, and keep the scores of pairs; needs the extra weak-identity."""
    # Imported here: `touchline --help` need not wait for the numeric libraries.
    from touchline import weak_identity

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    done = weak_identity.score(settings, output.progress)
    if json:
        output.as_json([vars(item) for item in done])
        return
    rows = [
        (item.brand, item.contacts, item.pairs, "too few contacts to learn from" if item.prior is None else "")
        for item in done
    ]
    output.as_table(("brand", "contacts", "pairs kept", ""), rows)
    output.results.print("Next: touchline weak-identity review")


@weak.command("review")
def review(
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="Probability from which pairs are shown; default: 0.8.")
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Show so many pairs, strongest first.")] = 50,
    csv: Annotated[bool, typer.Option("--csv", help="All pairs as csv on stdout.")] = False,
    database: Database = None,
    json: Json = False,
) -> None:
    """Pairs of contacts that may be one person and are not one customer; whoever knows merges them in the CRM."""
    from touchline import weak_identity

    settings = settings_for(database)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    found = weak_identity.review(
        settings, weak_identity.THRESHOLD if threshold is None else threshold, None if csv else most
    )
    if json:
        output.as_json(vars(found))
        return
    rows = [tuple(row[name] for name in _COLUMNS) for row in found.rows]
    if csv:
        output.as_csv(_COLUMNS, rows)
        return
    output.results.print(
        f"{found.contacts} contacts of build {found.build_id}, scored {found.scored_at:%F %R} UTC"
        f" ({found.model_version})"
    )
    output.results.print(
        f"From {found.threshold:g} on: {found.pairs} pairs. Firmer evidence joins {found.joined} of them"
        f" (and {found.joined_at_all} pairs in all); {found.to_review} are to be reviewed"
    )
    if rows:
        output.as_table(
            tuple(name.replace("_", " ") for name in _COLUMNS), [(f"{row[0]:.3f}", *row[1:]) for row in rows]
        )
