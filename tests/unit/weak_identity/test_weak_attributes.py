"""Weak attributes before they are compared: what forms write differently is the same, and defaults suggest nobody."""

from touchline.weak_identity.attributes import MAX_BEARERS, Contact, agreeing_pairs, pairs_by, prepare


def test_case_accents_order_and_punctuation_of_a_name_do_not_matter() -> None:
    one, other = prepare(
        [Contact("a", "Müller, José", " 1980", "sw1a 1aa"), Contact("b", "jose MULLER", "1980-02-03", "SW1A1AA")]
    )
    assert (one.full_name, one.words, one.birth_year, one.postal_code) == (
        *("jose muller", ["jose", "muller"], "1980", "sw1a1aa"),
    )
    assert vars(one) | {"node": ""} == vars(other) | {"node": ""}


def test_names_without_spaces_are_names() -> None:
    [row] = prepare([Contact("a", "王小明", "民國 1980 年")])
    assert (row.full_name, row.words, row.birth_year) == ("王小明", ["王小明"], "1980")


def test_what_is_not_there_is_not_compared() -> None:
    [row] = prepare([Contact("a", "  - ", "198", "--", "", None)])
    assert {name: value for name, value in vars(row).items() if value} == {"node": "a"}


def test_an_initial_is_no_word_to_find_people_by() -> None:
    [row] = prepare([Contact("a", "J Smith")])
    assert (row.full_name, row.words, row.keys) == ("j smith", ["smith"], ["name j smith", "word smith"])


def test_a_value_that_many_share_suggests_no_pairs() -> None:
    crowd = [Contact(f"c{n:04}", phone="+1 212 555 0100", birth_year="1970") for n in range(MAX_BEARERS + 1)]
    assert all(row.keys == [] and row.phone_key is None for row in prepare(crowd))
    assert all(row.keys == ["year 1970", "phone 12125550100"] for row in prepare(crowd[1:]))


def test_pairs_that_agree_are_counted_once() -> None:
    contacts = [
        Contact("a", "Ann Lee", "1970", "10115", "ann@example.com"),
        Contact("b", "Ann Lee", "1970", "10115", "ann@example.com"),
        Contact("c", "Ann Lee", "1971", "10115"),
        Contact("d", "Bo Ray", "1970", "10115"),
    ]
    # a-b by everything, a-c and b-c by name and place; d shares year and place with others, which is not enough.
    assert agreeing_pairs(prepare(contacts)) == 3
    assert pairs_by(["x", "x", "x", "y", "y", None, None]) == 3 + 1


def test_a_word_is_rare_if_few_bear_it() -> None:
    # 0.5 % of 1,000 contacts are 5.
    rows = prepare([Contact(f"c{n:04}", "Smith" if n >= 5 else "Smith Quastel") for n in range(1000)])
    assert rows[0].rare_words == ["quastel"]
    assert rows[5].rare_words == []
    more = prepare([Contact(f"c{n:04}", "Smith" if n >= 6 else "Smith Quastel") for n in range(1000)])
    assert more[0].rare_words == []


def test_what_python_prints_tells_nothing() -> None:
    contact = Contact("a", "Ann Lee", "1970")
    assert "Ann" not in repr(contact)
    assert "ann" not in repr(prepare([contact]))
