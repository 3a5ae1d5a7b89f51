"""Figures by name are those of the reports, which were made by other SQL."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.demo import Demo
from touchline import figures, queries


def rows(demo: Demo, names: list[str], *by: str, where: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    return queries.read(demo.settings, figures.sql(demo.settings, names, by, where))[1]


def test_every_figure_can_be_told(demo: Demo) -> None:
    found = figures.metrics(demo.settings)
    assert len(found) > 20
    for metric in found:
        assert metric.description, metric.name
        assert "brand" in metric.group_by, metric.name
        [(brand, value)] = rows(demo, [metric.name])
        assert brand
        assert value is not None, metric.name


@pytest.mark.parametrize(
    ("name", "report"),
    [
        (
            "abandonment_share",
            "select sum(abandoned_in_queue) * 1.0 / sum(offered) from rpt_contact_center_days where is_complete",
        ),
        (
            "service_level",
            (
                "select sum(answered_within_threshold) * 1.0"
                " / sum(answered + abandoned_in_queue - abandoned_within_threshold)"
                " from rpt_contact_center_days where is_complete"
            ),
        ),
        (
            "average_speed_of_answer_seconds",
            "select sum(answered_queue_seconds) * 1.0 / sum(answered) from rpt_contact_center_days where is_complete",
        ),
        (
            "first_contact_resolution",
            (
                "select sum(without_return) * 1.0 / sum(closed_windows) from rpt_first_contact_resolution"
                " where channel = 'all' and issue_code = 'all'"
            ),
        ),
        (
            "voiced_share",
            (
                "select voiced * 1.0 / detected from rpt_recovery"
                " where period = 'all' and failure_type = 'all' and severity = 'all'"
            ),
        ),
    ],
)
def test_a_figure_is_that_of_its_report(demo: Demo, name: str, report: str) -> None:
    [(_, value)] = rows(demo, [name])
    [(expected,)] = demo.rows(report)
    assert float(value) == pytest.approx(float(expected))


def test_the_net_score_by_month_is_that_of_the_answers(demo: Demo) -> None:
    told = rows(demo, ["net_promoter_score"], "metric_time__month")
    answers = demo.rows(
        "select date_trunc('month', business_date), 100.0 * (count(*) filter (where score > 8)"
        " - count(*) filter (where score < 7)) / count(*)"
        " from fct_surveys where survey_type = 'nps' and is_responded group by 1"
    )
    scored = {month.date(): float(value) for _, month, value in told if value is not None}
    assert scored == {month.date(): pytest.approx(float(value)) for month, value in answers}


def test_promises_by_who_made_them(demo: Demo) -> None:
    told = rows(
        demo, ["promises_due"], "promise__made_by", where=("{{ Dimension('promise__promise_type') }} = 'call_back'",)
    )
    expected = demo.rows(
        "select brand, made_by, count(*) from fct_promises where is_due and promise_type = 'call_back' group by 1, 2"
    )
    assert expected
    assert sorted(told) == sorted(expected)


def test_the_command_tells_lists_and_refuses(demo: Demo) -> None:
    command = [str(Path(sys.executable).with_name("touchline")), "figures"]
    environment = os.environ | {"TOUCHLINE_HOME": str(demo.settings.home)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)

    listed = json.loads(run("--format", "json").stdout)
    [sales] = [row for row in listed if row["figure"] == "sales"]
    assert "sale__channel" in sales["by"].split(", ")
    told = json.loads(run("sales", "--format", "json").stdout)
    assert [row["sales"] for row in told] == [value for _, value in rows(demo, ["sales"])]
    refused = run("abandonment")
    assert refused.returncode == 1
    assert "did you mean" in refused.stderr
