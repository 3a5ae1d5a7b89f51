"""The truth of customers and of what they bring: what was planted, with the realised counts."""

from dataclasses import asdict

from touchline.synthetic import world
from touchline.synthetic.commitments import flywheel_truth
from touchline.synthetic.company import SEGMENT_PROMISES_KEPT
from touchline.synthetic.defection import defection_truth
from touchline.synthetic.identity import identity_truth
from touchline.synthetic.launches import USES_AT_A_PURCHASE, launch_truth
from touchline.synthetic.needs import need_truth
from touchline.synthetic.people import STORE_PHONE
from touchline.synthetic.preferences import USED_SHARE
from touchline.synthetic.pricing import charged_truth
from touchline.synthetic.purchases import came_back
from touchline.synthetic.referrals import CONVERTED_SHARE, REFERRAL_DAYS
from touchline.synthetic.reviews import review_truth
from touchline.synthetic.scene import Scene
from touchline.synthetic.segments import Segments, promises_by_segment, sales_by_segment
from touchline.synthetic.store import DELIVERY_COST_CENTS

Truth = dict[str, object]


def customer_truth(scene: Scene) -> Truth:
    """Return the truth of customers as JSON-ready values; ``planted`` are parameters, ``realised`` are counts."""
    return {
        "retention": _retention(scene),
        "prices": {
            "web_factor": world.WEB_PRICE_FACTOR,
            "products": world.WEB_PRICED_PRODUCTS,
            "all_products": len(scene.purchases.prices),
            "charged": charged_truth(scene.sales),
        },
        "next_need": {
            "planted": {
                "after": world.NEED_AFTER,
                "need": world.NEED,
                "share": world.NEED_SHARE,
                "days": world.NEED_DAYS,
            },
            "realised": need_truth(scene.sales, scene.window),
        },
        "contact_pressure": {
            "planted": {str(level): share for level, share in world.REFUSES_AFTER.items()},
            "realised": scene.campaigns.realised,
        },
        "launch": {
            "planted": {"used_at_a_purchase": USES_AT_A_PURCHASE},
            "realised": launch_truth(scene.sales, scene.window),
        },
        "service_pnl": _service_pnl(scene),
        "participation": {
            "planted": {"adopted": world.ADOPTED_SHARE},
            "realised": scene.suggestions.realised,
        },
        "preferences": {
            "planted": {"used": USED_SHARE},
            "realised": scene.preference_uses.realised,
        },
        "segments": _segments(scene),
        "profit_chain": {
            "planted": {"employee_to_quality": world.MOOD_FORETELLS_QUALITY},
            "answers": len(scene.moods.rows),
            "foretold": scene.moods.foretold,
        },
        "reviews": review_truth(scene.reviews),
        "referrals": {
            "planted": {"converted": CONVERTED_SHARE, "days": REFERRAL_DAYS},
            "realised": scene.referrals.realised,
        },
        "late_orders": _late_orders(scene),
        "returns": {
            "planted": world.RETURN_SHARE,
            "count": sum(bool(sale.return_of) for sale in scene.sales),
        },
        "defection": _defection(scene),
        "identity": _identity(scene),
    }


def _retention(scene: Scene) -> Truth:
    purchases = scene.purchases
    return {
        "model": "BG/NBD, dropout after repeat purchases, times in days",
        "planted": {
            "r": world.PURCHASE_R,
            "alpha": world.PURCHASE_ALPHA_DAYS,
            "a": world.DROPOUT_A,
            "b": world.DROPOUT_B,
        },
        "came_back": {str(days): came_back(scene.sales, scene.window, days) for days in (7, 30, 90)},
        "first_quarters": flywheel_truth(scene.sales, scene.window, 90),
        "people": len(scene.people),
        "repeat_purchases": purchases.repeats,
        "people_without_repeat": purchases.without_repeat,
        "people_dropped_out": purchases.dropped,
        "purchases_unmade": len(purchases.unmade),
        "anonymous_sales": sum(sale.person is None and not sale.return_of for sale in scene.sales),
    }


def _service_pnl(scene: Scene) -> Truth:
    compensations = [recovery.row["compensation_amount"] for recovery in scene.recoveries]
    return {
        "planted": {"unheard_price_rise": world.UNHEARD_PRICE_RISE},
        "realised_cents": scene.trade
        | {"delivery_cost": scene.trade["deliveries"] * DELIVERY_COST_CENTS}
        | {"compensation": sum(round(100 * float(amount)) for amount in compensations if amount)},
    }


def _segments(scene: Scene) -> Truth:
    segments = Segments(scene.people, scene.directory.memberships)
    return {
        "planted": {"written": SEGMENT_PROMISES_KEPT, "target": ["premium"]},
        "promises": promises_by_segment(segments, scene.promises, scene.cases, scene.window),
        "sales": sales_by_segment(segments, scene.sales, scene.window),
    }


def _late_orders(scene: Scene) -> Truth:
    promised = [sale for sale in scene.sales if sale.due_at and sale.fulfilled_at]
    late = sum((sale.fulfilled_at or 0) > (sale.due_at or 0) for sale in promised)
    return {"planted": world.LATE_SHARE, "delivered_with_promise": len(promised), "late": late}


def _defection(scene: Scene) -> Truth:
    return {
        "planted": {"after_return": world.LEAVES_AFTER_RETURN_SHARE},
        "realised": defection_truth(scene.sales, scene.purchases.unmade, scene.window),
    }


def _identity(scene: Scene) -> Truth:
    directory = scene.directory
    return {
        "shared_phone": STORE_PHONE,
        "shared_email": world.TEST_EMAIL,
        "merged_duplicates": directory.merged_duplicates,
        "same_email_duplicates": directory.same_email_duplicates,
        "mistaken_merges_taken_back": directory.mistaken_merges,
        **asdict(scene.sharing),
        **identity_truth(
            scene.people,
            list(zip(scene.sales, scene.transaction_rows, strict=True)),
            directory,
            scene.cases,
            list(zip(scene.exchange.legs, scene.leg_rows, strict=True)),
        ),
    }
