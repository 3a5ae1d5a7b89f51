"""Generate the exports of one invented retail brand and the truth planted in them."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.synthetic import (
    company,
    coverage,
    customer_entities,
    entities,
    opening,
    pricing,
    service,
    staff_entities,
    store,
    world,
)
from touchline.synthetic import dirt as faults
from touchline.synthetic.commitments import commitment_rows
from touchline.synthetic.draw import stream
from touchline.synthetic.improvements import improvement_rows
from touchline.synthetic.launches import launch_row
from touchline.synthetic.promises import promise_rows
from touchline.synthetic.recognitions import recognition_rows
from touchline.synthetic.scene import Scene, play
from touchline.synthetic.truth import describe
from touchline.synthetic.visits import visit_rows
from touchline.synthetic.writer import ExportFile, monthly_files, one_file, to_records, write

MIN_CUSTOMERS, MAX_CUSTOMERS, MIN_DAYS = 50, 500_000, 14


@dataclass(frozen=True)
class GeneratedFile:
    """One written export file and its number of records, header excluded, broken ones included."""

    path: Path
    records: int


@dataclass(frozen=True)
class GeneratedExports:
    """What one run wrote."""

    files: tuple[GeneratedFile, ...]
    truth_path: Path


def generate(
    out_dir: Path,
    *,
    seed: int = 7,
    customers: int = 2000,
    days: int = 180,
    end: date = date(2026, 6, 30),
    dirt: float = 0.002,
) -> GeneratedExports:
    """Write exports of POS, CRM and call center and ``truth.json`` below ``out_dir``.

    All events lie in the ``days`` whole UTC days before midnight UTC of ``end``. ``dirt`` is the share of
    broken records added per file, and of optional personal values mistyped (at least one each; 0 plants
    none, and then no repeated or outdated records either). Equal arguments give equal bytes; existing
    files of the same names are overwritten.

    Raises TouchlineError when an argument is outside its range.
    """
    _check(seed, customers, days, dirt)
    scene = play(seed, customers, world.Window.ending(end, days))
    files = _files(scene, seed)
    _plant_faults(scene, files, seed, dirt)
    written = tuple(GeneratedFile(write(file, out_dir), len(file.records)) for file in files)
    arguments = {"seed": seed, "customers": customers, "days": days, "end": end.isoformat(), "dirt": dirt}
    truth_path = out_dir / "truth.json"
    truth = {"arguments": arguments} | describe(scene, files)
    truth_path.write_text(json.dumps(truth, separators=(",", ":")) + "\n", encoding="utf-8")
    return GeneratedExports(written, truth_path)


def _check(seed: int, customers: int, days: int, dirt: float) -> None:
    limits = {
        "seed": (seed >= 0, "0 or more"),
        "customers": (MIN_CUSTOMERS <= customers <= MAX_CUSTOMERS, f"{MIN_CUSTOMERS} to {MAX_CUSTOMERS}"),
        "days": (days >= MIN_DAYS, f"{MIN_DAYS} or more"),
        "dirt": (0 <= dirt <= 0.2, "0 to 0.2"),
    }
    for name, (is_valid, allowed) in limits.items():
        if not is_valid:
            raise TouchlineError(
                f"The synthetic exports cannot be generated with this {name}.",
                where=f"argument {name}",
                todo=f"Choose {name} in the range {allowed}.",
            )


def _files(scene: Scene, seed: int) -> list[ExportFile]:
    """Return all export files without faults."""
    month_of_sale = {row["transaction_id"]: row["closed_at"][:7] for row in scene.transaction_rows}
    directory = scene.directory
    return [
        one_file(entities.LOCATIONS, store.location_rows(scene.window)),
        *monthly_files(entities.TRANSACTIONS, scene.transaction_rows, lambda row: row["closed_at"][:7]),
        *monthly_files(
            entities.TRANSACTION_LINES,
            store.line_rows(scene.sales),
            lambda row: month_of_sale[row["transaction_id"]],
        ),
        one_file(entities.CONTACTS, directory.contacts),
        one_file(entities.CASES, map(service.case_row, scene.cases)),
        one_file(entities.CASE_EVENTS, service.event_rows(scene.cases)),
        one_file(entities.SURVEY_RESPONSES, [survey.row for survey in scene.surveys] + scene.asked.responses),
        one_file(entities.SURVEY_ITEMS, scene.asked.items),
        one_file(entities.MANAGEMENT_EXPECTATIONS, scene.asked.beliefs),
        one_file(entities.RECOVERIES, [recovery.row for recovery in scene.recoveries]),
        one_file(entities.CONTACT_MERGES, directory.merges),
        one_file(entities.SEGMENT_MEMBERSHIPS, directory.memberships),
        one_file(entities.EMPLOYEES, company.employee_rows(stream(seed, "company"), scene.window)),
        one_file(entities.PROMISES, promise_rows(scene.promises)),
        one_file(entities.SERVICE_STANDARDS, company.standard_rows(scene.window)),
        one_file(entities.SERVICE_OBSERVATIONS, scene.watch.rows),
        one_file(entities.WAIT_NOTICES, scene.waiting.notices),
        one_file(entities.CALLBACKS, scene.waiting.callbacks),
        one_file(customer_entities.CAMPAIGN_TOUCHES, scene.campaigns.rows),
        one_file(staff_entities.AGENTS, scene.staffing.agents),
        one_file(staff_entities.SHIFTS, scene.staffing.shifts),
        one_file(staff_entities.AGENT_STATES, scene.staffing.states),
        one_file(customer_entities.SUGGESTIONS, scene.suggestions.rows),
        *monthly_files(entities.CALLS, scene.leg_rows, lambda row: row["initiated_at"][:7]),
        one_file(entities.PRODUCTS, pricing.product_rows(seed, scene.window)),
        one_file(entities.PRICES, pricing.price_rows(seed, scene.window)),
        *monthly_files(entities.SURVEY_RESPONSES, scene.moods.rows, lambda row: row["sent_at"][:7], "employee_surveys"),
        one_file(customer_entities.COMMITMENTS, commitment_rows(scene.people)),
        *monthly_files(entities.CASE_EVENTS, scene.follow_ups.events, lambda row: row["occurred_at"][:7], "case_notes"),
        one_file(customer_entities.PREFERENCES, scene.follow_ups.preferences),
        one_file(staff_entities.IMPROVEMENTS, [*improvement_rows(scene.window), launch_row(scene.window)]),
        one_file(customer_entities.REVIEWS, scene.reviews.rows),
        *monthly_files(entities.SURVEY_RESPONSES, scene.feelings.rows, lambda row: row["sent_at"][:7], "feelings"),
        one_file(staff_entities.LOCATION_HOURS, opening.hour_rows(scene.window)),
        one_file(staff_entities.HOLIDAYS, opening.holiday_rows(scene.window)),
        one_file(staff_entities.QUEUE_HOURS, coverage.queue_hour_rows(scene.window)),
        one_file(customer_entities.DIGITAL_EVENTS, scene.self_service.rows),
        *monthly_files(
            entities.CASE_EVENTS, scene.interactions.events, lambda row: row["occurred_at"][:7], "case_talks"
        ),
        one_file(customer_entities.REFERRALS, scene.referrals.rows),
        one_file(staff_entities.MANAGEMENT_VISITS, visit_rows(scene.window)),
        one_file(customer_entities.PREFERENCE_USES, scene.preference_uses.rows),
        one_file(entities.EMPLOYEES, scene.staff_life.helpers, "helpers"),
        one_file(staff_entities.TRAININGS, scene.staff_life.trainings),
        one_file(staff_entities.SERVICE_CHECKLISTS, scene.preparations.rows),
        *monthly_files(
            entities.SURVEY_RESPONSES, scene.case_surveys.rows, lambda row: row["sent_at"][:7], "case_surveys"
        ),
        one_file(staff_entities.RECOGNITIONS, recognition_rows(scene.watch.recognitions, scene.window)),
    ]


def _plant_faults(scene: Scene, files: list[ExportFile], seed: int, dirt: float) -> None:
    """Plant repeated legs, outdated cases, mistyped values and broken records, none where dirt is 0."""
    if dirt <= 0:
        return
    doubles, broken = stream(seed, "duplicates"), stream(seed, "dirt")
    for file in files:
        faults.mistype_personal_data(file, dirt, broken)
        if file.entity is entities.CALLS:
            faults.repeat_records(file, world.REPEATED_LEG_SHARE, doubles)
        if file.entity is entities.CASES:
            worked = [case for case in scene.cases if case.first_response_at]
            count = max(2, round(len(worked) * world.VERSIONED_CASE_SHARE))
            chosen = doubles.choice(len(worked), size=min(count, len(worked)), replace=False).tolist()
            rows = [service.first_version(worked[index]) for index in chosen]
            faults.add_older_versions(file, to_records(file.entity, rows), doubles)
        faults.break_records(file, dirt, broken)
