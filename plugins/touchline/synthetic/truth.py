"""The truth file: what was planted, with the realised counts a warehouse should recover."""

from dataclasses import asdict

from touchline.synthetic import voice, world
from touchline.synthetic.commitments import flywheel_truth
from touchline.synthetic.defection import defection_truth
from touchline.synthetic.demand import cause_truth
from touchline.synthetic.follow_ups import next_contact_truth
from touchline.synthetic.identity import identity_truth
from touchline.synthetic.journeys import journey_truth
from touchline.synthetic.needs import need_truth
from touchline.synthetic.people import STORE_PHONE
from touchline.synthetic.promises import early_truth, promise_truth
from touchline.synthetic.purchases import came_back
from touchline.synthetic.recoveries import APPROVAL_SECONDS, acceptance_truth, complaint_truth
from touchline.synthetic.scene import Scene
from touchline.synthetic.store import DELIVERY_COST_CENTS
from touchline.synthetic.surveys import survey_truth
from touchline.synthetic.threads import first_contact_truth
from touchline.synthetic.writer import ExportFile

Truth = dict[str, object]


def describe(scene: Scene, files: list[ExportFile]) -> Truth:
    """Return the truth as JSON-ready values; ``planted`` are parameters, ``realised`` are counts."""
    return {
        "files": {file.relative_path: _file(file) for file in files},
        "repeat_contacts": {
            "planted": world.REPEAT_WITHIN_7_DAYS,
            "realised": first_contact_truth(scene.contacts, scene.window),
        },
        "abandonment": {
            "planted": {queue: load.abandonment for queue, load in world.QUEUES.items()},
            "realised": scene.exchange.queued,
        },
        "surveys": _surveys(scene),
        "recovery": {
            "planted_acceptance": world.ACCEPTANCE,
            "realised": acceptance_truth(scene.recoveries),
            "planted_first_share": world.FIRST_EMPLOYEE_SHARE,
            "planted_approval_seconds": sum(APPROVAL_SECONDS) / 2,
        },
        "complaints": _complaints(scene),
        "promises": _promises(scene),
        "failure_demand": _failure_demand(scene),
        "journeys": _journeys(scene),
        "follow_up": _follow_up(scene),
        "waiting": _waiting(scene),
        "staffing": _staffing(scene),
        "standards": _standards(scene),
        "expectations": {
            "planted": {dimension: asdict(planted) for dimension, planted in world.SERVQUAL.items()},
            "realised": scene.asked.realised,
        },
        "retention": _retention(scene),
        "calls": _calls(scene),
        "employees": {
            "planted": {"slow_agents": world.SLOW_AGENTS, "seconds": world.SLOW_AGENT_SECONDS},
            "realised": voice.handling_truth(scene.exchange.legs),
        },
        "prices": {"web_factor": world.WEB_PRICE_FACTOR, "products": world.WEB_PRICED_PRODUCTS},
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
        "service_pnl": _service_pnl(scene),
        "participation": {
            "planted": {"adopted": world.ADOPTED_SHARE},
            "realised": scene.suggestions.realised,
        },
        "profit_chain": {
            "planted": {"employee_to_quality": world.MOOD_FORETELLS_QUALITY},
            "answers": len(scene.moods.rows),
            "foretold": scene.moods.foretold,
        },
        "late_orders": _late_orders(scene),
        "returns": {
            "planted": world.RETURN_SHARE,
            "count": sum(bool(sale.return_of) for sale in scene.sales),
        },
        "defection": _defection(scene),
        "identity": _identity(scene),
    }


def _surveys(scene: Scene) -> Truth:
    return {
        "planted": world.CSAT_SCORES | {"nps": world.NPS_SCORES, "ces": world.CES_SCORES},
        "planted_answer_share": world.CSAT_ANSWER_SHARE
        | {"nps": world.NPS_ANSWER_SHARE, "ces": world.CES_ANSWER_SHARE},
        "realised": survey_truth(scene.surveys),
    }


def _complaints(scene: Scene) -> Truth:
    return {
        "planted": {"apology": world.APOLOGY_SHARE, "acceptance": world.ACCEPTANCE},
        "realised": complaint_truth(scene.cases, scene.recoveries),
    }


def _promises(scene: Scene) -> Truth:
    return {
        "planted": {"delivery": 1 - world.LATE_SHARE} | world.PROMISE_KEPT,
        "realised": promise_truth(scene.promises, scene.window),
        "a_day_early": early_truth(scene.promises, scene.window),
    }


def _standards(scene: Scene) -> Truth:
    return {
        "planted": {
            "kept": {"where_lived": world.KEPT_WHERE_LIVED, "elsewhere": world.KEPT_ELSEWHERE},
            "lived_in": world.LIVED_IN,
            "level": world.LEVEL_OF_STORE,
        },
        "realised": scene.watch.realised,
    }


def _file(file: ExportFile) -> Truth:
    broken = sum(file.broken.values())
    return {
        "kind": file.entity.kind,
        "entity": file.entity.name,
        "records": len(file.records),
        "valid": len(file.records) - broken,
        "distinct": len(file.records) - broken - file.repeated - file.older_versions,
        "broken": file.broken,
        "repeated": file.repeated,
        "older_versions": file.older_versions,
        "bad_values": {column: {"count": len(keys), "keys": sorted(keys)} for column, keys in file.bad_values.items()},
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


def _calls(scene: Scene) -> Truth:
    legs = scene.exchange.legs
    answered = [leg for leg in legs if leg.talk is not None]
    return {
        "legs": len(legs),
        "answered_contacts": sum(contact.channel == "voice" for contact in scene.contacts),
        "transfers": {
            "planted": world.TRANSFER_SHARE,
            "count": sum(leg.method == "transfer" for leg in legs),
        },
        "unknown_callers": sum(not leg.endpoint for leg in legs),
        "outbound": sum(leg.method == "outbound" for leg in legs),
        "interaction_seconds": sum(leg.talk or 0 for leg in answered),
        "hold_seconds": sum(sum(leg.holds) for leg in answered),
        "after_contact_work_seconds": sum(leg.wrap_up for leg in answered),
        "answered_legs": len(answered),
    }


def _failure_demand(scene: Scene) -> Truth:
    return {
        "planted": {"complaint_of_case": world.CASE_KIND_MIX["complaint"], "repeat": world.REPEAT_WITHIN_7_DAYS},
        "realised": cause_truth(scene.contacts, scene.cases, scene.promises),
        "abandoned_by_known": sum(leg.talk is None and bool(leg.endpoint) for leg in scene.exchange.legs),
    }


def _journeys(scene: Scene) -> Truth:
    sales = list(zip(scene.sales, scene.transaction_rows, strict=True))
    calls = list(zip(scene.exchange.legs, scene.leg_rows, strict=True))
    return {
        "planted": {"call_left_unsolved": 1 - world.SOLVED_CALL_SHARE["stayed_away"]},
        "realised": journey_truth(sales, scene.contacts, calls, scene.window),
    }


def _follow_up(scene: Scene) -> Truth:
    legs = list(zip(scene.exchange.legs, scene.leg_rows, strict=True))
    return {
        "planted": {"noted": world.NOTED_SHARE, "preference": world.PREFERENCE_SHARE},
        "realised": scene.follow_ups.realised,
        "next_contact": next_contact_truth(scene.cases, scene.contacts, legs, scene.window),
    }


def _waiting(scene: Scene) -> Truth:
    waiting = scene.waiting
    return {
        "notice_after_seconds": world.NOTICE_AFTER_SECONDS,
        "planted": {"quote_kept": world.QUOTE_KEPT_SHARE, "callback_kept": world.CALLBACK_KEPT_SHARE},
        "quotes": waiting.quotes,
        "callbacks": waiting.promised,
        "still_waiting": waiting.still_waiting,
    }


def _staffing(scene: Scene) -> Truth:
    staffing = scene.staffing
    return {
        "planted": {
            "occupancy": world.OCCUPANCY,
            "turn_seconds": world.TURN_SECONDS,
            "shifts_missed": world.SHIFT_MISSED_SHARE,
        },
        "shifts": len(staffing.shifts),
        "shifts_missed": staffing.shifts_missed,
        "seconds": staffing.seconds,
        "present_by_hour": staffing.by_hour,
    }


def _defection(scene: Scene) -> Truth:
    return {
        "planted": {"after_return": world.LEAVES_AFTER_RETURN_SHARE},
        "realised": defection_truth(scene.sales, scene.purchases.unmade, scene.window),
    }


def _service_pnl(scene: Scene) -> Truth:
    compensations = [recovery.row["compensation_amount"] for recovery in scene.recoveries]
    return {
        "planted": {"unheard_price_rise": world.UNHEARD_PRICE_RISE},
        "realised_cents": scene.trade
        | {"delivery_cost": scene.trade["deliveries"] * DELIVERY_COST_CENTS}
        | {"compensation": sum(round(100 * float(amount)) for amount in compensations if amount)},
    }


def _late_orders(scene: Scene) -> Truth:
    promised = [sale for sale in scene.sales if sale.due_at and sale.fulfilled_at]
    late = sum((sale.fulfilled_at or 0) > (sale.due_at or 0) for sale in promised)
    return {"planted": world.LATE_SHARE, "delivered_with_promise": len(promised), "late": late}


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
