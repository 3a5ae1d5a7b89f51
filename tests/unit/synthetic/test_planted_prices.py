"""Products, costs and prices: what the truth states of them, counted from the files alone."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo


def test_goods_cost_and_prices_asked_are_those_of_the_truth(world: Any) -> None:
    """Refunds, returns and sales by their rows; each line at the price of its channel on its local day."""
    costs = {row["product_id"]: Decimal(row["unit_cost"]) for row in world.rows("store_pos", "products")}
    prices: dict[tuple[str, str], list[tuple[date, Decimal]]] = defaultdict(list)
    for row in world.rows("store_pos", "prices"):
        first = date.fromisoformat(row["valid_from"])
        prices[row["product_id"], row["channel"]].append((first, Decimal(row["price"])))
    rise = max(first for first, _ in prices["P001", "store"])
    places = {row["location_id"]: ZoneInfo(row["timezone"]) for row in world.rows("store_pos", "locations")}
    sales = {row["transaction_id"]: row for row in world.rows("store_pos", "transactions")}
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in world.rows("store_pos", "transaction_lines"):
        sale, net, quantity = sales[line["transaction_id"]], Decimal(line["net_amount"]), int(line["quantity"])
        if sale["return_of_transaction_id"]:
            found["refunds"] -= net
            continue
        on = datetime.fromisoformat(sale["closed_at"]).astimezone(places[sale["location_id"]]).date()
        asked = max(price for price in prices[line["product_id"], sale["channel"]] if price[0] <= on)[1]
        half = "after" if on >= rise else "before"
        found["net_sales"] += net
        found["cost_of_goods"] += quantity * costs[line["product_id"]]
        found[f"realised_{half}"] += net
        found[f"dated_{half}"] += quantity * asked
    truth = world.truth["service_pnl"]["realised_cents"]
    assert {name: truth[name] for name in found} == {name: int(100 * amount) for name, amount in found.items()}
    kept = [sale for sale in sales.values() if not sale["return_of_transaction_id"]]
    assert (truth["sales"], truth["returns"]) == (len(kept), len(sales) - len(kept))
    assert truth["deliveries"] == sum(bool(sale["delivery_cost"]) for sale in sales.values())


def test_the_price_list_rises_half_way_by_what_was_planted(world: Any) -> None:
    rows = world.rows("store_pos", "prices")
    steps: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["valid_from"]):
        steps[row["product_id"], row["channel"]].append(Decimal(row["price"]))
    rise = Decimal(str(world.truth["service_pnl"]["planted"]["unheard_price_rise"]))
    for before, after in steps.values():
        assert abs(after - before * (1 + rise)) <= Decimal("0.005")


def test_days_on_which_two_channels_charged_one_price(world: Any) -> None:
    """A product sold in two channels on a local day, at one unit price or not, by month."""
    places = {row["location_id"]: ZoneInfo(row["timezone"]) for row in world.rows("store_pos", "locations")}
    sales = {row["transaction_id"]: row for row in world.rows("store_pos", "transactions")}
    charged: dict[tuple[date, str], set[tuple[str, str]]] = defaultdict(set)
    for line in world.rows("store_pos", "transaction_lines"):
        sale = sales[line["transaction_id"]]
        if not sale["return_of_transaction_id"]:
            on = datetime.fromisoformat(sale["closed_at"]).astimezone(places[sale["location_id"]]).date()
            charged[on, line["product_id"]].add((sale["channel"], line["unit_price"]))
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    cheaper = set(world.truth["prices"]["products"])
    for (on, product), pairs in charged.items():
        if len({channel for channel, _ in pairs}) > 1:
            is_equal = len({price for _, price in pairs}) == 1
            assert is_equal or product in cheaper
            found[f"{on:%Y-%m}"][0] += 1
            found[f"{on:%Y-%m}"][1] += is_equal
    truth = world.truth["prices"]["charged"]
    assert found == {month: [one["product_days"], one["equal_days"]] for month, one in truth.items()}
