"""What a matter takes: who comes back makes the resolved ones dearer, by as much as was planted."""

from typing import Any

from support.plausible import is_plausible


def test_those_who_come_back_add_their_contacts_to_the_resolved(world: Any) -> None:
    """Of all contacts the first ones are resolved or returned; whoever came back did so at least once."""
    truth = world.truth["efficiency"]
    counts, planted = truth["realised"], truth["planted"]
    firsts = counts["resolved"] + counts["returned"]
    assert counts["contacts"] - firsts >= counts["returned"] * 0.9 > 0
    # both issues come back, each as often as planted: the share of the two lies between
    low, high = sorted((planted["billing"], planted["account"]))
    share = counts["returned"] / firsts
    assert low < share < high
    mix = {"billing": 0.30, "account": 0.15}
    assert is_plausible(
        counts["returned"], firsts, sum(mix[issue] * planted[issue] for issue in mix) / sum(mix.values())
    )
    assert counts["seconds"] > counts["resolved_seconds"] > 0
    assert counts["email"] + counts["chat"] < counts["contacts"]
