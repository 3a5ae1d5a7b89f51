"""The truth file: what was planted, with the realised counts a warehouse should recover."""

from dataclasses import asdict

from touchline.synthetic import interactions, opening, voice, world
from touchline.synthetic.aftermath import GOOD_RECOVERY_GIVES, MISHAP_COSTS
from touchline.synthetic.case_surveys import ANSWER_SHARE, ASKED_SHARE, SCORES
from touchline.synthetic.coverage import CONTAINED_SHARE, demand_truth
from touchline.synthetic.customer_truth import customer_truth
from touchline.synthetic.demand import cause_truth
from touchline.synthetic.efficiency import efficiency_truth
from touchline.synthetic.follow_ups import next_contact_truth
from touchline.synthetic.improvements import improvement_truth
from touchline.synthetic.journeys import journey_truth
from touchline.synthetic.preparations import LATE_VIEW_SHARE, PREPARED_SHARE, SILENT_SHARE, SILENT_STORES
from touchline.synthetic.promises import early_truth, promise_truth
from touchline.synthetic.recognitions import recognition_truth
from touchline.synthetic.recoveries import APPROVAL_SECONDS, acceptance_truth, complaint_truth
from touchline.synthetic.scene import Scene
from touchline.synthetic.service import answer_truth, closing_truth
from touchline.synthetic.staff_life import HELPER_MEAN_DAYS, TRAINING_SHARE, staff_truth
from touchline.synthetic.surveys import survey_truth
from touchline.synthetic.threads import first_contact_truth
from touchline.synthetic.visits import visit_rows, visit_truth
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
        "same_day": opening.same_day_truth(scene.recoveries, scene.cases, scene.sales, scene.window),
        "recovery_paradox": {
            "planted": {"mishap": -MISHAP_COSTS, "good_recovery": GOOD_RECOVERY_GIVES, "repurchase": 0},
            "realised": scene.feelings.realised,
        },
        "loyalty": {"planted": {"best_score": 0}},
        "complaints": _complaints(scene),
        "promises": _promises(scene),
        "failure_demand": _failure_demand(scene),
        "efficiency": {
            "planted": world.REPEAT_WITHIN_7_DAYS,
            "realised": efficiency_truth(scene.contacts, scene.cases, scene.exchange.legs, scene.window),
        },
        "journeys": _journeys(scene),
        "follow_up": _follow_up(scene),
        "preparation": _preparation(scene),
        "answers": {
            "planted": world.ANSWERS,
            "otherwise": world.ANSWERED_OTHERWISE,
            "realised": answer_truth(scene.cases),
        },
        "issue_mix": {
            "planted": SCORES,
            "planted_asked": ASKED_SHARE,
            "planted_answer_share": ANSWER_SHARE,
            "realised": scene.case_surveys.realised,
        },
        "coverage": {
            "planted": {"contained": CONTAINED_SHARE},
            "demand": demand_truth(scene.exchange.legs),
            "self_service": scene.self_service.realised,
            "places": _places(scene),
        },
        "closing_messages": {
            "planted": world.CLOSING_MESSAGE_SHARE,
            "realised": closing_truth(scene.cases),
        },
        "interaction": {
            "planted": {"wrote": interactions.WRITES_SHARE, "issue_changed": interactions.CHANGED_SHARE},
            "realised": scene.interactions.realised,
        },
        "waiting": _waiting(scene),
        "staffing": _staffing(scene),
        "standards": _standards(scene),
        "improvements": improvement_truth(scene.watch.days, scene.window),
        "management_visits": visit_truth(visit_rows(scene.window), scene.window),
        "recognitions": recognition_truth(scene.watch.recognitions),
        "expectations": {
            "planted": {dimension: asdict(planted) for dimension, planted in world.SERVQUAL.items()},
            "realised": scene.asked.realised,
        },
        "calls": _calls(scene),
        "employees": {
            "planted": {"slow_agents": world.SLOW_AGENTS, "seconds": world.SLOW_AGENT_SECONDS},
            "realised": voice.handling_truth(scene.exchange.legs),
        },
        "staff": {
            "planted": {"helper_mean_days": HELPER_MEAN_DAYS, "training_share": TRAINING_SHARE},
            "realised": staff_truth(scene.staff_life, scene.moods.rows, scene.suggestions.rows, scene.window),
        },
    } | customer_truth(scene)


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


def _places(scene: Scene) -> Truth:
    sales = list(zip(scene.sales, scene.transaction_rows, strict=True))
    return dict(opening.demand_truth(scene.cases, sales, scene.window))


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


def _preparation(scene: Scene) -> Truth:
    return {
        "planted": PREPARED_SHARE,
        "silent": {"stores": SILENT_STORES, "mindset": SILENT_SHARE},
        "realised": scene.preparations.realised,
        "views": scene.views,
        "planted_late_views": LATE_VIEW_SHARE,
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
