"""Everything that happens in one generated world, before it becomes files."""

from dataclasses import dataclass

from touchline.synthetic import (
    aftermath,
    campaigns,
    case_surveys,
    coverage,
    crm,
    expectations,
    follow_ups,
    interactions,
    moods,
    observations,
    preferences,
    preparations,
    pricing,
    promises,
    recoveries,
    referrals,
    reviews,
    service,
    staff_life,
    staffing,
    store,
    suggestions,
    surveys,
    voice,
    waiting,
)
from touchline.synthetic.draw import stream
from touchline.synthetic.people import Person, make_people
from touchline.synthetic.purchases import PurchaseTruth, Sale
from touchline.synthetic.render import Row
from touchline.synthetic.sharing import Sharing, share_identifiers
from touchline.synthetic.threads import Contact, make_contacts
from touchline.synthetic.world import Window


@dataclass(frozen=True)
class Scene:
    """The drawn people and events; transaction and leg rows are drawn once, as the truth reads them too."""

    window: Window
    people: list[Person]
    sharing: Sharing
    sales: list[Sale]
    transaction_rows: list[Row]
    purchases: PurchaseTruth
    directory: crm.Directory
    campaigns: campaigns.Campaigns
    suggestions: suggestions.Suggestions
    contacts: list[Contact]
    exchange: voice.Exchange
    leg_rows: list[Row]
    cases: list[service.Case]
    recoveries: list[recoveries.Recovery]
    surveys: list[surveys.Survey]
    promises: list[promises.Promise]
    waiting: waiting.Waiting
    staffing: staffing.Staffing
    watch: observations.Watch
    asked: expectations.Asked
    trade: dict[str, int]
    moods: moods.Moods
    follow_ups: follow_ups.FollowUps
    preference_uses: preferences.PreferenceUses
    staff_life: staff_life.StaffLife
    reviews: reviews.Reviews
    feelings: aftermath.Feelings
    self_service: coverage.SelfService
    interactions: interactions.Interactions
    referrals: referrals.Referrals
    preparations: preparations.Preparations
    views: dict[str, int]
    case_surveys: case_surveys.CaseSurveys


def play(seed: int, customers: int, window: Window) -> Scene:
    """Draw one world: people first, then sales, contacts, calls, cases, recoveries, surveys and promises."""
    people = make_people(customers, stream(seed, "people"), window)
    sharing = share_identifiers(people, stream(seed, "sharing"))
    sales, purchases = store.make_sales(people, seed, window)
    directory = crm.make_directory(people, stream(seed, "contacts"), window)
    contacts = make_contacts(people, stream(seed, "threads"), window)
    calls = stream(seed, "calls")
    exchange = voice.make_legs(people, contacts, calls, window)
    watch = observations.watch_stores(stream(seed, "observations"), stream(seed, "recognitions"), window)
    cases = service.make_cases(contacts, sales, stream(seed, "cases"), window)
    followed = follow_ups.follow_up(cases, stream(seed, "follow_ups"), window)
    ready = stream(seed, "preparations")
    mended = recoveries.make_recoveries(cases, sales, stream(seed, "recoveries"), window)
    return Scene(
        window=window,
        people=people,
        sharing=sharing,
        sales=sales,
        transaction_rows=store.transaction_rows(sales, seed, window),
        purchases=purchases,
        directory=directory,
        campaigns=campaigns.run_campaigns(directory.contacts, stream(seed, "campaigns"), window),
        suggestions=suggestions.make_suggestions(people, stream(seed, "suggestions"), window),
        contacts=contacts,
        exchange=exchange,
        leg_rows=voice.leg_rows(exchange.legs, calls),
        cases=cases,
        recoveries=mended,
        surveys=surveys.make_surveys(people, sales, exchange.legs, stream(seed, "surveys"), window)
        + surveys.make_effort_surveys(exchange.legs, stream(seed, "effort"), window),
        promises=promises.make_promises(cases, sales, stream(seed, "promises"), window),
        waiting=waiting.make_waiting(exchange.legs, stream(seed, "notices"), window),
        staffing=staffing.staff_centre(stream(seed, "staffing"), window),
        asked=expectations.ask_customers(people, stream(seed, "expectations"), window),
        watch=watch,
        trade=pricing.service_truth(sales, seed, window),
        moods=moods.ask_employees(watch, stream(seed, "moods"), window),
        follow_ups=followed,
        preference_uses=preferences.use_preferences(contacts, followed.preferences, stream(seed, "preference_uses")),
        staff_life=staff_life.live(stream(seed, "staff_life"), window),
        reviews=reviews.write_reviews(contacts, stream(seed, "reviews"), window),
        referrals=referrals.make_referrals(people, sales, stream(seed, "referrals"), window),
        feelings=aftermath.ask_feelings(people, cases, sales, mended, stream(seed, "aftermath"), window),
        self_service=coverage.visit_self_service(people, contacts, stream(seed, "self_service"), window),
        interactions=interactions.talk(cases, stream(seed, "interactions")),
        preparations=preparations.prepare(sales, cases, ready, window),
        views=preparations.look_late(cases, ready, window),
        case_surveys=case_surveys.ask_about_cases(cases, stream(seed, "case_surveys"), window),
    )
