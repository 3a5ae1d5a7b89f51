"""How well weak evidence tells duplicates, by public sets whose labels no training has seen."""

import logging
import random
import re
import sys
from pathlib import Path

import pytest

from support.weak_contacts import fake_1000, febrl_dataset1, people, precision_and_recall
from touchline.errors import TouchlineError
from touchline.weak_identity import THRESHOLD, model
from touchline.weak_identity.attributes import Contact

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def splink() -> None:
    pytest.importorskip("splink", reason="the extra weak-identity is not installed")


@pytest.mark.usefixtures("splink")
@pytest.mark.parametrize(("read", "least_recall"), [(fake_1000, 0.4116), (febrl_dataset1, 0.954)])
def test_duplicates_of_a_public_set_are_found(read, least_recall: float, real_data: Path) -> None:
    known = read(real_data)
    scored = model.score_contacts(contact for _, contact in known.values())
    precision, recall = precision_and_recall(known, scored.pairs, THRESHOLD)
    assert precision >= 0.99
    assert recall > least_recall

    page = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (0\.\d+) \| (.+) \|$", page, re.MULTILINE)
    assert len(rows) >= 5
    column = (fake_1000, febrl_dataset1).index(read)
    for threshold, figures in rows:
        printed = figures.split(" | ")[2 * column : 2 * column + 2]
        found = precision_and_recall(known, scored.pairs, float(threshold))
        assert [f"{figure:.3f}" for figure in found] == printed, f"docs/identity.md, threshold {threshold}"


@pytest.mark.usefixtures("splink")
def test_the_same_contacts_give_the_same_scores(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    contacts = [Contact(*row) for row in people()]
    scored = model.score_contacts(contacts)
    shuffled = random.Random(7).sample(contacts, len(contacts))
    assert model.score_contacts(shuffled) == scored

    found = {(pair.left_node, pair.right_node) for pair in scored.pairs if pair.probability >= THRESHOLD}
    assert found == {(f"c{number}", f"d{number}") for number in range(40)}
    assert all(pair.left_node < pair.right_node for pair in scored.pairs)
    # Odds are 2 to the power of the weight.
    assert all(2**p.weight / (1 + 2**p.weight) == pytest.approx(p.probability, abs=1e-5) for p in scored.pairs)
    # 40 pairs agree by name and year, taken for 0.6 of all duplicates among 120 contacts.
    assert scored.prior == pytest.approx(40 / 0.6 / (120 * 119 / 2))
    assert not [record for record in caplog.records if record.name.startswith("splink")]


@pytest.mark.usefixtures("splink")
def test_too_few_contacts_teach_nothing() -> None:
    scored = model.score_contacts(Contact(*row) for row in people(duplicated=5))
    assert (scored.contacts, scored.pairs, scored.prior) == (85, [], None)
    assert model.score_contacts([]).prior is None


@pytest.mark.usefixtures("splink")
def test_an_error_of_the_library_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ValueError("cannot convert 'Anna Quastel'")

    monkeypatch.setattr(model, "_apart", failing)
    with pytest.raises(TouchlineError, match="Splink failed: ValueError") as caught:
        model.score_contacts(Contact(*row) for row in people())
    assert "Quastel" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(TouchlineError, match=re.escape("pip install 'touchline[weak-identity]'")):
        model.score_contacts([])
