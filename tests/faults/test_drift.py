"""Exports change without a word: columns, types, units, volume. What does not fit is refused or rejected by name."""

from datetime import UTC, datetime, timedelta

import pytest

from support.deliveries import MEMBERS, SALES, Deliveries, members, sales
from touchline import rejected, warehouse

NIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def night(number: int) -> datetime:
    return NIGHT + timedelta(days=number)


class TestColumns:
    def test_reordered_and_new_columns_are_found_by_name(self, shared: Deliveries) -> None:
        shared.add_source("reordered")
        outcome = shared.deliver("reordered/a.csv", "new,email,created_at,contact_id\nx,,2026-01-01,m1\n")
        assert (outcome.state, outcome.loaded) == ("loaded", 1)
        assert shared.rows("select contact_id from raw.crm_contacts where _source = 'reordered'") == [("m1",)]

    @pytest.mark.parametrize(
        ("header", "hint"),
        [
            ("contact_id,email", ""),
            ("contact_id,CreatedAt", " (is created_at now called 'CreatedAt'?)"),
            ("contact_id,created-at", " (is created_at now called 'created-at'?)"),
            ("contact_id,creation_at", " (is created_at now called 'creation_at'?)"),
            ("ContactID,created_at", " (is contact_id now called 'ContactID'?)"),
            # Nothing alike: a header that is none may hold personal data, and is not repeated.
            ("contact_id,anna@example.com", ""),
        ],
    )
    def test_a_missing_column_refuses_the_file_and_its_likely_new_name_is_told(
        self, shared: Deliveries, header: str, hint: str
    ) -> None:
        shared.add_source("renamed")
        outcome = shared.deliver("renamed/a.csv", header + "\nm1,2026-01-01\n")
        assert outcome.state == "refused"
        missing = "contact_id" if "ContactID" in header else "created_at"
        what = f"The header lacks {missing}\nWhere: header\nWhat to do: deliver the columns again, or change the"
        assert outcome.reason == f"{what} mapping of this export{hint}"

    def test_a_column_that_a_mapping_names_is_missed_though_it_is_optional(self, shared: Deliveries) -> None:
        mapping = {"contact_id": "contact_id", "created_at": "created_at", "email": "e_mail"}
        shared.add_source("mapped", into=[{"entity": "contacts", "map": mapping}])
        outcome = shared.deliver("mapped/a.csv", MEMBERS + members(1))
        assert (outcome.reason or "").startswith("The header lacks e_mail")
        assert (outcome.reason or "").endswith("(is e_mail now called 'email'?)")

    def test_an_optional_column_that_is_gone_rejects_the_load_until_somebody_answers(
        self, deliveries: Deliveries
    ) -> None:
        """Read by name, its absence would look like members without an address."""
        deliveries.add_source("club")
        deliveries.deliver("club/1.csv", MEMBERS + members(30), night(1))
        assert deliveries.check() == []
        poorer = "contact_id,created_at,e_mail\n" + members(30, 30)
        outcome = deliveries.deliver("club/2.csv", poorer, night(2))
        assert deliveries.check() == ["it lacks email, which load 1 of the same export brought"]
        owner = warehouse.engine(deliveries.settings)
        until = datetime.now(UTC) + timedelta(days=1)
        rejected.accept(owner, outcome.load_id, reason="meant", accepted_by="ana", expires_at=until)
        deliveries.deliver("club/3.csv", poorer.replace("e_mail", "mail"), night(3))
        assert deliveries.check() == []

    def test_a_duplicate_column_refuses_the_file(self, shared: Deliveries) -> None:
        shared.add_source("doubled")
        outcome = shared.deliver("doubled/a.csv", "contact_id,created_at,email, email\n")
        assert (outcome.reason or "").startswith("Column email occurs more than once")


class TestTypesAndValues:
    def test_a_type_change_rejects_the_load(self, deliveries: Deliveries) -> None:
        """Every date has become a serial number of a spreadsheet; not one record is lost."""
        deliveries.add_source("club")
        outcome = deliveries.deliver("club/a.csv", MEMBERS + "".join(f"m{n},{46000 + n},\n" for n in range(40)))
        assert (outcome.loaded, len(deliveries.set_aside(outcome.load_id))) == (0, 40)
        assert deliveries.check() == ["40 of 40 records were set aside, more than the source's error budget of 1.0%"]

    def test_a_new_value_of_an_enumeration_costs_its_records_only(self, deliveries: Deliveries) -> None:
        deliveries.add_source("till", "pos", "transactions")
        new = sales(1, 100).replace(",store,", ",kiosk,")
        outcome = deliveries.deliver("till/a.csv", SALES + sales(100) + new)
        assert deliveries.set_aside(outcome.load_id) == [(new.encode(), "channel", "not one of app, phone, store, web")]
        assert deliveries.check() == []
        more = sales(60, 200) + sales(40, 300).replace(",store,", ",kiosk,")
        deliveries.deliver("till/b.csv", SALES + more)
        assert deliveries.check() == ["40 of 100 records were set aside, more than the source's error budget of 1.0%"]

    def test_a_new_value_of_a_mapping_is_bad_unless_it_has_a_default(self, shared: Deliveries) -> None:
        channel = {"column": "channel", "values": {"shop": "store"}}
        columns = SALES.strip().split(",")
        for name, extra, loaded in (("strict", {}, 0), ("lenient", {"default": "store"}, 1)):
            mapping = {column: column for column in columns} | {"channel": channel | extra}
            shared.add_source(name, "pos", into=[{"entity": "transactions", "map": mapping}])
            outcome = shared.deliver(f"{name}/a.csv", SALES + sales(1).replace(",store,", ",kiosk,"))
            assert outcome.loaded == loaded
        assert shared.rows("select reason from ops.load_reasons where column_name = 'channel'") == [
            ("not a value the mapping knows",)
        ]


class TestUnitsAndVolume:
    @pytest.mark.parametrize("factor", [100, 0.01])
    def test_cents_in_the_place_of_units_reject_the_load(self, deliveries: Deliveries, factor: float) -> None:
        """Both files wait when they are judged: the first is the second's yardstick all the same."""
        deliveries.add_source("till", "pos", "transactions")
        first, second = (100, 10_000) if factor == 100 else (100, 1)
        deliveries.put("till/1.csv", SALES + sales(40, 0, first), night(1))
        deliveries.put("till/2.csv", SALES + sales(40, 40, second), night(2))
        deliveries.land()
        [reason] = deliveries.check()
        assert reason.startswith("its audit failed: total_unit_unchanged")
        # The rejected load is no yardstick for the corrected one.
        deliveries.deliver("till/3.csv", SALES + sales(40, 40, first), night(3))
        assert deliveries.check() == []

    @pytest.mark.parametrize(
        ("kind", "entity", "header", "line"),
        [
            (
                "pos",
                "transaction_lines",
                "transaction_id,line_no,product_id,quantity,net_amount",
                "t{n},1,p,1,{amount}",
            ),
            ("pos", "products", "product_id,sku,category,list_price,currency", "p{n},s{n},c,{amount},EUR"),
            (
                "pos",
                "prices",
                "product_id,channel,location_id,valid_from,price,currency",
                "p{n},store,L1,2026-01-01,{amount},EUR",
            ),
            (
                "crm",
                "recoveries",
                "recovery_id,failure_type,detected_at,compensation_amount,currency,is_escalated",
                "r{n},late,2026-01-01,{amount},EUR,no",
            ),
        ],
    )
    def test_every_amount_has_its_yardstick(
        self, shared: Deliveries, kind: str, entity: str, header: str, line: str
    ) -> None:
        shared.add_source(f"unit_{entity}", kind, entity)
        for number, amount in ((1, "12.50"), (2, "1250.00")):
            lines = "".join(line.format(n=n, amount=amount) + "\n" for n in range(30 * number, 30 * number + 30))
            shared.deliver(f"unit_{entity}/{number}.csv", f"{header}\n{lines}", night(number))
        [reason] = shared.check(f"unit_{entity}")
        assert "_unit_unchanged" in reason

    def test_ten_times_the_usual_volume_rejects_the_load_unless_it_is_expected(self, deliveries: Deliveries) -> None:
        deliveries.add_source("club")
        for number in (1, 2, 3):
            deliveries.deliver(f"club/{number}.csv", MEMBERS + members(120, 1000 * number), night(number))
        deliveries.deliver("club/4.csv", MEMBERS + members(1200, 10_000), night(4))
        assert deliveries.check() == []
        deliveries.deliver("club/5.csv", MEMBERS + members(1201, 20_000), night(5))
        usual = "it holds 1201 records, 120 are usual (median of 4 loads before)"
        assert deliveries.check() == [f"{usual}: more than 10 times as many (max_growth)"]
        deliveries.add_source("club", max_growth=20)
        rejected.recheck(warehouse.engine(deliveries.settings), 5)
        assert deliveries.check() == []
