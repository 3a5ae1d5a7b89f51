"""Tables are made in full when asked, and wherever their code changed: in every slot, with no old row or column."""

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.journey import Beginning, Journey
from support.plain_records import NOON, call, case, contact, sale
from support.tiny_warehouse import TinyWarehouse
from support.world import START
from touchline.errors import TouchlineError

SLOTS = ("marts", "marts_previous", "marts_idle")
ROOT = Path(__file__).resolve().parents[2]
REFUSE_TABLE = """
    create function ops.refuse() returns event_trigger language plpgsql as $$
    begin
        if exists (
            select from pg_event_trigger_ddl_commands() where object_identity = 'marts_next.rpt_purchase_models'
        ) then
            raise exception 'not today';
        end if;
    end $$
"""


@pytest.fixture(scope="module")
def beginning(empty_warehouse: Callable[[str], TinyWarehouse], keep: Callable[[Journey], Beginning]) -> Beginning:
    """Three slots in use, and something in them."""
    begun = Journey(empty_warehouse, START + timedelta(days=10))
    begun.deliver("till", "transactions", [(1, sale("s0", 0)), (1, sale("s1", 1))])
    begun.deliver("desk", "contacts", [(1, contact("k0")), (1, contact("k1"))])
    begun.deliver("desk", "cases", [(1, case("q0", "k0")), (1, case("q1", None, order_ref="s1"))])
    for number in range(3):
        begun.deliver("line", "contacts", [(1, call(f"l{number}", 0, NOON + timedelta(days=number)))])
        begun.build()
    return keep(begun)


@pytest.fixture
def journey(beginning: Beginning) -> Journey:
    return beginning()


def values(house: TinyWarehouse, relation: str, column: str) -> set[Any]:
    return {row[column] for row in house.rows(relation)}


def test_a_full_refresh_makes_every_table_anew_and_every_slot_follows(journey: Journey) -> None:
    house = journey.house
    kept = ("staging", "intermediate", "working")
    assert {full for _, full in house.labels(kept).values()} == {1}
    refreshed = journey.build(full_refresh=True)
    assert {full for _, full in house.labels((*kept, "marts")).values()} == {refreshed}
    for number in (3, 4):
        journey.deliver("line", "contacts", [(1, call(f"l{number}", 1))])
        journey.build()
    assert {full for _, full in house.labels((*kept, *SLOTS)).values()} == {refreshed}
    journey.check_full()


def test_changed_code_leaves_no_old_row_or_column_in_any_slot(journey: Journey, tmp_path: Path) -> None:
    """A mart says something else, one loses a column, one goes, views are kept by key; staging is not touched."""
    house = journey.house
    house.settings = house.settings.model_copy(update={"project_dir": tmp_path})
    (tmp_path / "expectations").symlink_to(ROOT / "expectations")
    models = shutil.copytree(ROOT / "dbt_project", tmp_path / "dbt_project") / "models" / "marts" / "core"
    _edit(models / "fct_cases.sql", "    cases.status,", "    upper(cases.status) as status,")
    _edit(models / "fct_transactions.sql", "    totalled.subtotal,\n", "")
    _edit(models / "fct_transactions.yml", r"      - name: subtotal\n(?:        .*\n)+", "")
    # The one reads kept tables alone: its view stands when its turn comes. The other ends with a comment.
    for model, key, parents in (
        ("touchpoints/int_conformed_records", "ref_key", ("fct_transactions", "fct_calls", "fct_cases")),
        ("contact_center/int_call_outcomes", "call_key", ("fct_calls",)),
    ):
        changed_by = [{"model": parent, "logged": f"{parent[4:-1]}_key"} for parent in parents]
        kept = f"materialized='by_key', key='{key}', changed_by={changed_by}"
        _edit(models.parents[1] / "intermediate" / f"{model}.sql", "materialized='view'", kept)
    for suffix in ("sql", "yml"):
        (models / f"dim_channels.{suffix}").unlink()
    for number in range(3):
        journey.deliver("line", "contacts", [(number + 2, call("l0", number))])
        build_id = house.build()
        house.publish(build_id)
        assert values(house, "marts.fct_cases", "status") == {"OPEN"}
    made = house.labels(("staging", "intermediate", "working", *SLOTS))
    assert made['staging."stg_crm__cases"'] == (6, 1)
    assert {made[f'{schema}."fct_cases"'][1] for schema in ("working", *SLOTS)} == {4}
    for slot in SLOTS:
        assert values(house, f"{slot}.fct_cases", "status") == {"OPEN"}
        assert "subtotal" not in house.rows(f"{slot}.fct_transactions")[0]
        assert "dim_channels" not in house.tables(slot)
    assert "subtotal" not in house.rows("working.fct_transactions")[0]
    for model in ("int_conformed_records", "int_call_outcomes"):
        assert made[f'intermediate."{model}"'] == (6, 4)


def test_a_table_that_cannot_be_made_stays_as_it_was(journey: Journey) -> None:
    """The server refuses it when it has been made, in a build that has taken over the idle slot."""
    house = journey.house
    [before] = house.rows("(select 'marts_idle.rpt_purchase_models'::regclass::oid as id) as tables")
    house.execute(REFUSE_TABLE)
    house.execute("create event trigger refuse on ddl_command_end execute function ops.refuse()")
    with pytest.raises(TouchlineError, match="not today"):
        house.build()
    assert house.rows("(select 'marts_next.rpt_purchase_models'::regclass::oid as id) as tables") == [before]


def test_a_build_as_of_an_earlier_instant_leaves_the_next_one_right(journey: Journey) -> None:
    earlier = journey.house.build(as_of=NOON + timedelta(days=1))
    assert {call["call_key"] for call in journey.house.rows("marts_next.fct_calls")} == {"line/l0", "line/l1"}
    journey.check_live()
    assert journey.build() == earlier + 1
    journey.deliver("till", "transactions", [(2, sale("s0", 1))])
    journey.build()
    journey.check_full()


def _edit(path: Path, old: str, new: str) -> None:
    before = path.read_text()
    after = re.sub(old if "\\n" in old else re.escape(old), new, before)
    assert after != before, f"{path.name} has no {old!r} any more"
    path.write_text(after)
