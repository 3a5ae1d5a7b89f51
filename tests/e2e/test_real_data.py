"""Real exports through the whole pipeline; the figures come from the published marts.

Expected figures are those the data sets are known by, or computed here from the files by other means.
"""

import csv
import gzip
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

from touchline import pipeline, queries
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILES = 19
"""Files of the real sets that a shipped source claims."""


@pytest.fixture(scope="module")
def published(make_database, dbt_here: None, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse into which all real sets were run at once."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        project_dir=ROOT,
        database_url=SecretStr(make_database()),
        landing=real_data,
    )
    summary = pipeline.run(settings)
    assert summary.problems == []
    assert summary.publication is not None
    return settings


def one(settings: Settings, sql: str) -> tuple[Any, ...]:
    _, rows = queries.read(settings, sql)
    assert len(rows) == 1
    return rows[0]


def test_a_second_run_is_a_no_op(published: Settings) -> None:
    ledger = "select count(*), max(build_id) from ops.builds"
    before = one_as_owner(published, ledger), one_as_owner(published, "select count(*) from ops.loads")
    summary = pipeline.run(published)
    assert (summary.loads, summary.build, summary.known_files) == ([], None, FILES)
    assert summary.publication is not None
    assert summary.publication.publication_id == 1
    assert (one_as_owner(published, ledger), one_as_owner(published, "select count(*) from ops.loads")) == before


def one_as_owner(settings: Settings, sql: str) -> tuple[Any, ...]:
    from sqlalchemy import text

    from touchline import warehouse

    with warehouse.engine(settings).connect() as connection:
        return tuple(connection.execute(text(sql)).one())


class TestBank:
    """Anonymous Bank, 1 to 3 February 1999."""

    def test_records_calls_and_phantoms(self, published: Settings) -> None:
        counts = one_as_owner(
            published, "select records, loaded, quarantined, filtered from ops.loads where source = 'anonymous_bank'"
        )
        assert counts == (5362, 5325, 0, 37)
        reason = one_as_owner(
            published,
            "select load_reasons.reason, load_reasons.records"
            " from ops.load_reasons inner join ops.loads using (load_id)"
            " where outcome = 'filtered' and source = 'anonymous_bank'",
        )
        assert reason == ("PHANTOM", 37)

    def test_calls_and_abandonments(self, published: Settings, real_data: Path) -> None:
        with (real_data / "callcenter" / "dev_990201_990203.txt").open() as file:
            calls = [row for row in csv.DictReader(file, delimiter="\t") if row["outcome"] != "PHANTOM"]
        hung_up = [call for call in calls if call["outcome"] == "HANG"]
        queued = [call for call in hung_up if call["q_start"] != "0:00:00"]
        assert (len(calls), len(hung_up)) == (5325, 1054)
        found = one(
            published,
            "select count(*), count(*) filter (where is_abandoned),"
            " count(*) filter (where abandonment_stage = 'queue'), count(*) filter (where is_answered)"
            " from marts.fct_calls where brand = 'anonymous_bank'",
        )
        assert found == (5325, 1054, len(queued), 5325 - 1054)

    def test_intervals_add_up_to_the_calls(self, published: Settings) -> None:
        found = one(
            published,
            "select sum(contacts), sum(abandoned_calls), sum(abandoned_in_queue + abandoned_in_self_service),"
            " sum(answered) from marts.rpt_contact_center_intervals where brand = 'anonymous_bank'",
        )
        assert tuple(map(int, found)) == (5325, 1054, 1054, 4271)

    def test_demand_by_half_hour_is_that_of_a_data_frame(self, published: Settings, real_data: Path) -> None:
        """Half hours of Israel's clock in winter are half hours of UTC; nobody recorded who was there."""
        calls = pd.read_csv(real_data / "callcenter" / "dev_990201_990203.txt", sep="\t", dtype=str)
        calls = calls[(calls.outcome != "PHANTOM") & ((calls.outcome == "AGENT") | (calls.q_start != "0:00:00"))]
        began = calls.q_start.where(calls.q_start != "0:00:00", calls.ser_start)
        began = began.where(began != "0:00:00", calls.vru_exit)
        instants = pd.to_datetime(calls.date + " " + began, format="%y%m%d %H:%M:%S").dt.tz_localize("Asia/Jerusalem")
        expected = Counter(instants.dt.tz_convert("UTC").dt.floor("30min").dt.to_pydatetime().tolist())
        _, rows = queries.read(
            published,
            "select interval_start_at, offered::int, present_seconds from marts.rpt_demand_and_staffing"
            " where brand = 'anonymous_bank' and offered > 0",
        )
        assert {start: offered for start, offered, _ in rows} == dict(expected)
        assert {present for *_, present in rows} == {None}

    def test_queue_and_talk_seconds_are_the_export_s_own(self, published: Settings, real_data: Path) -> None:
        with (real_data / "callcenter" / "dev_990201_990203.txt").open() as file:
            calls = [row for row in csv.DictReader(file, delimiter="\t") if row["outcome"] != "PHANTOM"]
        talk = sum(int(call["ser_time"]) for call in calls if call["outcome"] == "AGENT")
        queue = sum(int(call["q_time"]) for call in calls)
        found = one(
            published,
            "select sum(interaction_seconds), sum(queue_seconds) from marts.fct_calls where brand = 'anonymous_bank'",
        )
        assert (int(found[0]), int(found[1])) == (talk, pytest.approx(queue, abs=len(calls) * 0.01))

    def test_handling_times_of_agents_are_those_of_pandas(self, published: Settings, real_data: Path) -> None:
        """Crude means, and means at the bank's mix of services; nobody handed a call over."""
        calls = pd.read_csv(real_data / "callcenter" / "dev_990201_990203.txt", sep="\t", dtype=str)
        served = calls[(calls["outcome"] == "AGENT") & (calls["server"] != "NO_SERVER")]
        served = served.assign(seconds=served["ser_time"].astype(int))
        services = served.groupby("type")["seconds"].agg(["count", "mean"])
        agents = served.groupby(["server", "type"])["seconds"].mean().reset_index()
        agents = agents.join(services, on="type", rsuffix="_all")
        expected = {}
        for server, own in agents.groupby("server"):
            crude = served.loc[served["server"] == server, "seconds"]
            adjusted = (own["seconds"] * own["count"]).sum() / own["count"].sum()
            everybody = (own["mean"] * own["count"]).sum() / own["count"].sum()
            expected[f"anonymous_bank/{server}"] = (len(crude), crude.mean(), adjusted, everybody)
        _, rows = queries.read(
            published,
            "select employee_id, n::int, value::float, adjusted::float, brand_value::float, standing"
            " from marts.rpt_employee_scorecards"
            " where brand = 'anonymous_bank' and measure = 'handle_seconds' and period = 'all'",
        )
        assert {row[0]: row[1:5] for row in rows} == {
            agent: pytest.approx(figures, abs=1e-4) for agent, figures in expected.items()
        }
        assert {standing for *_, standing in rows} == {"above", "below", "overlaps"}


class TestCdnow:
    """CDNOW, every tenth customer of the cohort of the first quarter of 1997."""

    def test_customers_and_customer_days(self, published: Settings) -> None:
        found = one(
            published,
            "select count(*), count(distinct customer_id), count(distinct (customer_id, business_date))"
            " from marts.fct_transactions where brand = 'cdnow'",
        )
        assert found == (6919, 2357, 6696)

    def test_cohorts(self, published: Settings) -> None:
        _, rows = queries.read(
            published,
            "select to_char(cohort_month, 'Mon'), month_offset, cohort_size, active_customers"
            " from marts.rpt_retention_cohorts where brand = 'cdnow' and month_offset <= 1 order by cohort_month, 2",
        )
        assert [(month, size, active) for month, offset, size, active in rows if offset == 0] == [
            ("Jan", 781, 781),
            ("Feb", 857, 857),
            ("Mar", 719, 719),
        ]
        assert [active for _, offset, _, active in rows if offset == 1] == [124, 134, 87]

    def test_the_model_of_repeat_purchases_is_the_published_one(self, published: Settings) -> None:
        """Fader, Hardie and Lee 2005: calibrated to 1997-09-30; 1,882 purchase days in the 39 weeks after it."""
        found = one(
            published,
            "select seen_until::text, customers, repeaters, is_usable, observed_purchases, r, alpha, a, b,"
            " log_likelihood from marts.rpt_purchase_models where brand = 'cdnow' and basis = 'calibration'",
        )
        assert found[:5] == ("1997-09-30", 2357, 2357 - 1411, True, 1882)
        assert tuple(map(float, found[5:9])) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
        assert float(found[9]) == pytest.approx(-9582.4, abs=0.05)

    def test_ranks_are_those_of_pandas(self, published: Settings) -> None:
        """Ranked from the mart's own transactions by sorting frames; the id breaks ties in both."""
        _, rows = queries.read(
            published,
            "select customer_id, max(business_date), count(*), sum(total) from marts.fct_transactions"
            " where brand = 'cdnow' group by customer_id",
        )
        frame = pd.DataFrame(rows, columns=["customer_id", "recency", "frequency", "monetary"]).set_index("customer_id")
        _, found = queries.read(
            published,
            "select customer_id, recency_rank, frequency_rank, monetary_rank, recency_score"
            " from marts.rpt_rfm where brand = 'cdnow'",
        )
        assert len(found) == len(frame) == 2357
        for place, measure in enumerate(("recency", "frequency", "monetary"), start=1):
            ordered = frame.sort_values([measure, "customer_id"]).index
            expected = {customer: number / 2356 for number, customer in enumerate(ordered)}
            assert all(abs(float(row[place]) - expected[row[0]]) < 5.1e-5 for row in found)
        # 2,357 in fifths by rank: 472, 471, 471, 471, 472.
        assert sorted(Counter(row[4] for row in found).values()) == [471, 471, 471, 472, 472]

    def test_every_customer_has_a_value(self, published: Settings) -> None:
        found = one(
            published,
            "select count(*), count(*) filter (where has_forecast), sum(purchase_days)"
            " from marts.rpt_customer_value where brand = 'cdnow'",
        )
        assert found == (2357, 2357, 6696)

    def test_whole_retention_triangle(self, published: Settings, real_data: Path) -> None:
        """Recomputed from the file with dictionaries."""
        months: dict[str, set[int]] = defaultdict(set)
        for line in (real_data / "pos" / "CDNOW_sample.txt").read_text().splitlines():
            master, _, day, _, _ = line.split()
            months[master].add(int(day[:4]) * 12 + int(day[4:6]) - 1)
        expected = Counter((min(active), month - min(active)) for active in months.values() for month in active)
        _, rows = queries.read(
            published,
            "select cohort_month, month_offset, active_customers from marts.rpt_retention_cohorts"
            " where brand = 'cdnow' and active_customers is not null",
        )
        found = {(first.year * 12 + first.month - 1, offset): active for first, offset, active in rows}
        assert {key: active for key, active in found.items() if active} == dict(expected)

    def test_curves_of_return_are_those_of_pandas(self, published: Settings, real_data: Path) -> None:
        """From the file's own days: everyone first bought long before 1998-06-30, where the data end."""
        lines = (line.split() for line in (real_data / "pos" / "CDNOW_sample.txt").read_text().splitlines())
        frame = pd.DataFrame(((master, day) for master, _, day, _, _ in lines), columns=["customer", "day"])
        frame["day"] = pd.to_datetime(frame["day"])
        frame["first"] = frame.groupby("customer")["day"].transform("min")
        frame["age"] = (frame["day"] - frame["first"]).dt.days
        spans = {("day", n): (n, n) for n in (1, 7, 30, 365)} | {("return", n): (1, n) for n in (7, 30, 365)}
        spans |= {("rolling", n): (n, 999) for n in (7, 30, 365)} | {("bracket", 30): (15, 30)}
        expected = {
            (month, *span): frame.loc[
                frame["age"].between(*ages) & (frame["first"].dt.month == month), "customer"
            ].nunique()
            for span, ages in spans.items()
            for month in (1, 2, 3)
        }
        _, rows = queries.read(
            published,
            "select extract(month from cohort_month)::int, measure, day_number, returned, customers_censored"
            " from marts.rpt_retention_curves where brand = 'cdnow'",
        )
        found = {(month, measure, day): returned for month, measure, day, returned, _ in rows}
        assert {key: found[key] for key in expected} == expected
        assert {censored for *_, censored in rows} == {0}

    def test_touchpoints_are_the_file_s_purchases(self, published: Settings, real_data: Path) -> None:
        """Counted by pandas month by month; a shop that delivers sales alone observes no other stage."""
        columns = ["master", "customer", "day", "units", "dollars"]
        file = real_data / "pos" / "CDNOW_sample.txt"
        frame = pd.read_csv(file, sep=r"\s+", header=None, names=columns, dtype=str)
        months = frame.groupby(frame["day"].str[:6])["master"].agg(["size", "nunique"])
        _, rows = queries.read(
            published,
            "select to_char(period_month, 'YYYYMM'), touches, people from marts.rpt_touchpoint_map"
            " where brand = 'cdnow' order by 1",
        )
        assert rows == [(month, row["size"], row["nunique"]) for month, row in months.iterrows()]
        _, stages = queries.read(
            published,
            "select journey_stage, bool_and(is_observed), sum(passing), sum(episodes) from marts.rpt_journeys"
            " where brand = 'cdnow' group by 1 order by 1",
        )
        assert [(stage, observed) for stage, observed, *_ in stages] == [
            ("after", False),
            ("before", False),
            ("during", True),
        ]
        assert [passing for _, _, passing, _ in stages[:2]] == [None, None]
        assert stages[2][2] == stages[2][3]


class TestCompleteJourney:
    def test_lines_baskets_households_stores_and_sales(self, published: Settings, real_data: Path) -> None:
        found = one(
            published,
            "select sum(line_count), count(*), count(distinct customer_id), count(distinct location_key), sum(total)"
            " from marts.fct_transactions where brand = 'completejourney'",
        )
        assert (int(found[0]), *found[1:]) == (75_000, 47_243, 2_377, 293, Decimal("233935.24"))
        lines = one(
            published,
            "select count(*), sum(net_amount) from marts.fct_transaction_lines where brand = 'completejourney'",
        )
        assert lines == (75_000, Decimal("233935.24"))

    def test_each_basket_has_the_sum_of_its_lines(self, published: Settings, real_data: Path) -> None:
        expected: dict[str, Decimal] = defaultdict(Decimal)
        with gzip.open(real_data / "pos" / "transactions_sample.csv.gz", "rt") as file:
            for row in csv.DictReader(file):
                expected[row["basket_id"]] += round(Decimal(row["sales_value"]), 2)
        _, rows = queries.read(
            published, "select transaction_id, total from marts.fct_transactions where brand = 'completejourney'"
        )
        assert dict(rows) == dict(expected)


class TestTelco:
    def test_customers_and_leavers(self, published: Settings) -> None:
        customers = one(published, "select count(*) from marts.dim_customers where brand = 'ibm_telco'")
        left = one(
            published,
            "select sum(events), sum(events + censored) from marts.rpt_survival"
            " where brand = 'ibm_telco' and basis = 'membership' and customer_group = 'all'",
        )
        assert (customers[0], *map(int, left)) == (7043, 1869, 7043)

    def test_kaplan_meier(self, published: Settings) -> None:
        _, rows = queries.read(
            published,
            "select duration_months, round(survival::numeric, 4)::text from marts.rpt_survival"
            " where brand = 'ibm_telco' and basis = 'membership' and customer_group = 'all'"
            " and duration_months in (12, 24, 48, 72)",
        )
        assert dict(rows) == {12: "0.8432", 24: "0.7887", 48: "0.7088", 72: "0.5928"}

    def test_every_step_equals_lifelines(self, published: Settings, real_data: Path) -> None:
        from lifelines import KaplanMeierFitter

        with (real_data / "crm" / "Telco-Customer-Churn.csv").open() as file:
            people = list(csv.DictReader(file))
        fitted = KaplanMeierFitter().fit(
            [int(row["tenure"]) for row in people], [row["Churn"] == "Yes" for row in people]
        )
        _, rows = queries.read(
            published,
            "select duration_months, survival from marts.rpt_survival"
            " where brand = 'ibm_telco' and basis = 'membership' and customer_group = 'all' order by 1",
        )
        expected = fitted.survival_function_at_times([duration for duration, _ in rows]).tolist()
        assert [float(survival) for _, survival in rows] == pytest.approx(expected, abs=5e-5)


class TestVolvo:
    def test_cases_and_events(self, published: Settings) -> None:
        assert one(
            published, "select count(*), sum(event_count) from marts.fct_cases where brand = 'volvo_tickets'"
        ) == (1487, 6660)

    def test_a_case_begins_with_its_first_event(self, published: Settings, real_data: Path) -> None:
        from datetime import UTC, datetime

        first: dict[str, datetime] = {}
        with gzip.open(real_data / "crm" / "bpic2013_closed.csv.gz", "rt") as file:
            for row in csv.DictReader(file):
                at = datetime.fromisoformat(row["time:timestamp"]).astimezone(UTC)
                first[row["case:concept:name"]] = min(at, first.get(row["case:concept:name"], at))
        _, rows = queries.read(
            published, "select case_id, created_at from marts.fct_cases where brand = 'volvo_tickets'"
        )
        assert {case: at.astimezone(UTC) for case, at in rows} == first


def test_brands_keep_to_themselves(published: Settings) -> None:
    """No customer of one set is a customer of another."""
    _, rows = queries.read(
        published, "select customer_id from marts.dim_customers group by 1 having count(distinct brand) > 1"
    )
    assert rows == []


class TestPhoneNow:
    """Calls of a fictional telephone company and the ratings at their end, first quarter of 2021."""

    @pytest.fixture(scope="class")
    def calls(self, real_data: Path) -> pd.DataFrame:
        calls = pd.read_csv(real_data / "callcenter" / "Call-Center-Dataset.csv")
        return calls.assign(
            answered=calls["Answered (Y/N)"] == "Y",
            wait=calls["Speed of answer in seconds"],
            talk=calls["Talk Duration (Seconds)"],
            rating=calls["Satisfaction rating"],
        )

    def test_queues_are_those_of_pandas(self, published: Settings, calls: pd.DataFrame) -> None:
        served = calls[calls["answered"]]
        expected = {
            str(topic): (
                len(own),
                int(own["answered"].sum()),
                len(own) - int(own["answered"].sum()),
                int(served.loc[served["Topic"] == topic, "wait"].sum()),
                int((served.loc[served["Topic"] == topic, "wait"] <= 20).sum()),
                int(served.loc[served["Topic"] == topic, "talk"].sum()),
            )
            for topic, own in calls.groupby("Topic")
        }
        assert len(expected) == 5
        _, rows = queries.read(
            published,
            "select queue_id, sum(offered)::int, sum(answered)::int, sum(abandoned_in_queue)::int,"
            " sum(answered_queue_seconds)::int, sum(answered_within_threshold)::int, sum(handle_seconds)::int"
            " from rpt_contact_center_days where brand = 'phonenow' group by 1",
        )
        assert {topic: tuple(figures) for topic, *figures in rows} == expected

    def test_satisfaction_is_that_of_pandas(self, published: Settings, calls: pd.DataFrame) -> None:
        ratings = calls.loc[calls["answered"], "rating"].dropna()
        found = one(
            published,
            "select responses, satisfied, top_box, satisfied_share, top_box_share from rpt_top_box"
            " where brand = 'phonenow' and period = 'all' and channel = 'all' and segment_code = 'all'",
        )
        satisfied, delighted = int((ratings >= 4).sum()), int((ratings == 5).sum())
        assert found[:3] == (len(ratings), satisfied, delighted)
        assert float(found[3]) == pytest.approx(satisfied / len(ratings), abs=5e-5)
        assert float(found[4]) == pytest.approx(delighted / len(ratings), abs=5e-5)

    def test_what_agents_call_resolved_is_kept_as_their_word(self, published: Settings, calls: pd.DataFrame) -> None:
        """Nobody in the file is a known person: the agent's word stands, and no first contact is judged."""
        found = one(
            published,
            "select count(*) filter (where is_resolved), count(*) filter (where not is_resolved), count(customer_id)"
            " from fct_calls where brand = 'phonenow'",
        )
        resolved = calls.loc[calls["answered"], "Resolved"].value_counts()
        assert found == (resolved["Y"], resolved["N"], 0)
        assert queries.read(published, "select 1 from rpt_first_contact_resolution where brand = 'phonenow'")[1] == []


class TestConsumerComplaints:
    """Two extracts of one register of complaints, whose columns, dates and flags are spelled in two ways."""

    @pytest.fixture(scope="class")
    def complaints(self, real_data: Path) -> pd.DataFrame:
        files = ("Consumer_Complaints_2016_349.csv", "consumer_complaints_snake_147.csv")
        frames = [pd.read_csv(real_data / "crm" / name, dtype=str, keep_default_na=False) for name in files]
        for frame in frames:
            frame.columns = frame.columns.str.lower().str.replace(r"\W+", "_", regex=True).str.strip("_")
        both = pd.concat(frames).drop_duplicates("complaint_id", keep="last")
        channels = {"Web": "web", "Phone": "phone"}
        return both.assign(
            month=pd.to_datetime(both["date_received"], format="mixed").dt.strftime("%Y-%m"),
            channel=both["submitted_via"].map(channels).fillna("email"),
        )

    def test_complaints_by_month_and_channel(self, published: Settings, complaints: pd.DataFrame) -> None:
        _, rows = queries.read(
            published,
            "select to_char(complaint_month, 'YYYY-MM'), channel, complaints::int from rpt_complaint_handling"
            " where brand = 'cfpb' and channel <> 'all' and complaints > 0",
        )
        assert Counter({(month, channel): n for month, channel, n in rows}) == Counter(
            zip(complaints["month"], complaints["channel"], strict=True)
        )

    def test_disputes_and_answers(self, published: Settings, complaints: pd.DataFrame) -> None:
        found = one(
            published,
            "select count(*), count(*) filter (where is_escalated), count(resolution_code), count(customer_id)"
            " from fct_cases where brand = 'cfpb'",
        )
        unanswered = complaints["company_response_to_consumer"].isin(["In progress", "Untimely response"])
        disputed = (complaints["consumer_disputed"] == "Yes").sum()
        assert found == (len(complaints), disputed, len(complaints) - unanswered.sum(), 0)


class TestNewYork:
    """Requests and complaints about animals to the city of New York."""

    @pytest.fixture(scope="class")
    def requests(self, real_data: Path) -> pd.DataFrame:
        requests = pd.read_csv(real_data / "callcenter" / "311_Animals_short.csv", dtype=str)
        for name in ("Created Date", "Closed Date"):
            local = pd.to_datetime(requests[name], format="%m/%d/%Y %H:%M")
            requests[name] = local.dt.tz_localize("America/New_York", ambiguous=True, nonexistent="shift_forward")
        return requests

    def test_kinds_of_cases(self, published: Settings, requests: pd.DataFrame) -> None:
        _, rows = queries.read(
            published, "select case_kind, count(*)::int from fct_cases where brand = 'nyc_311' group by 1"
        )
        is_request = requests["Complaint Type"] == "Dead Animal"
        assert dict(rows) == {"request": is_request.sum(), "complaint": (~is_request).sum()}

    def test_hours_to_close_are_those_of_pandas(self, published: Settings, requests: pd.DataFrame) -> None:
        hours = (requests["Closed Date"] - requests["Created Date"]).dt.total_seconds() / 3600
        found = one(
            published,
            "select count(closed_at)::int, avg(extract(epoch from closed_at - created_at) / 3600)"
            " from fct_cases where brand = 'nyc_311'",
        )
        assert found[0] == hours.notna().sum()
        assert float(found[1]) == pytest.approx(hours.mean(), abs=1e-6)
