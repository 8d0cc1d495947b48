"""What a ledger row may say, and how it is written."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.ledger.canonical import canonical, parse
from jikimi.ledger.digests import Digester
from jikimi.ledger.fields import FIELDS, Form, UnfitForLedger, cited, fit
from jikimi.ledger.rows import Row, body_of

WHO = UUID("018f0000-0000-7000-8000-000000000001")
FITTING: dict[Form, object] = {
    Form.ID: WHO,
    Form.CODE: "A03",
    Form.TIME: "2026-05-28T20:26:40.5Z",
    Form.DIGEST: "0f" * 32,
    Form.ARTICLE: "전자장치 부착 등에 관한 법률 제31조의6",
    Form.NUMBER: -3,
    Form.FLAG: True,
}
UNFIT: dict[Form, list[object]] = {
    Form.ID: ["Kim", str(WHO).upper(), str(WHO).replace("-", ""), 7, 1.5, b"x"],
    Form.CODE: ["", "010-1234-5678", "two words", "a" * 129, "김지훈", 5, True, 37.5],
    Form.TIME: ["today", "2026-05-28 20:26:40Z", "2026-05-28T20:26:40+09:00", 1780000000, 1.0],
    Form.DIGEST: ["0F" * 32, "0f" * 31, "0f" * 33, b"x"],
    Form.ARTICLE: ["a" * 201, "제31조\n서울시", 31, 1.0],
    Form.NUMBER: [True, 1.0, float("nan"), 2**53, "5"],
    Form.FLAG: [1, "true", 0.0],
}


def test_a_row_has_one_text() -> None:
    """A row's text has sorted keys, no spaces, its own id, microseconds and Korean as it is written."""
    row = Row(
        1_780_000_000.000001, "tasking", {"unit": WHO, "allowed": True, "count": 2, "victim": None, "article": "제9조"}
    )
    assert body_of(WHO, row) == (
        '{"allowed":true,"article":"제9조","at":"2026-05-28T20:26:40.000001Z","count":2,'
        '"id":"018f0000-0000-7000-8000-000000000001","kind":"tasking",'
        '"unit":"018f0000-0000-7000-8000-000000000001","victim":null}'
    )


def test_what_is_written_is_read_back() -> None:
    """Parsing a canonical text gives the row it was made from."""
    body = body_of(WHO, Row(0.0, "tasking", {"unit": WHO}))
    assert parse(body) == json.loads(body)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"b":1,"a":2}', '{"a": 1}', '{"a":1,"a":1}', '{"a":1.5}', '{"a":[1]}', '{"a":"\\u0041"}', '{"a":NaN}'],
)
def test_another_way_to_write_a_row_is_no_row(text: str) -> None:
    """Two texts never mean the same row, so an altered spelling is a break."""
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error among them
        parse(text)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_takes_its_form_and_no_other(name: str) -> None:
    """Each allowed field takes the values of its own form, or None, and refuses all others."""
    form = FIELDS[name]
    assert fit(name, None) is None
    assert fit(name, FITTING[form]) == (str(WHO) if form is Form.ID else FITTING[form])
    for value in UNFIT[form]:
        with pytest.raises(UnfitForLedger) as refusal:
            fit(name, value)
        assert str(value) not in refusal.value.detail or len(str(value)) < 6


def test_an_id_may_be_text() -> None:
    """An id already written as text is the same id."""
    assert fit("alert", str(WHO)) == str(WHO)


@pytest.mark.parametrize("name", ["name", "phone", "lat", "lon", "note", "address", "text", "resident_number"])
def test_no_field_is_made_for_personal_data(name: str) -> None:
    """A name, number, address or coordinate has no place in a row."""
    with pytest.raises(UnfitForLedger):
        body_of(WHO, Row(0.0, "tasking", {name: "x"}))


@pytest.mark.parametrize("kind", ["", "two words", "김"])
def test_a_kind_is_a_short_code(kind: str) -> None:
    """What kind of row it is comes from a program, never from a person's words."""
    with pytest.raises(UnfitForLedger):
        body_of(WHO, Row(0.0, kind, {}))


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_any_row_survives_its_text(row: dict[str, bool | int | str | None]) -> None:
    """Whatever a row holds is written and read back unchanged."""
    assert parse(canonical(row)) == row


KEY = bytes(range(32))
PARTS = st.lists(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.uuids(),
    max_size=4,
)


@given(PARTS, PARTS)
def test_different_facts_have_different_commitments(
    one: list[bool | int | float | str | bytes | UUID | None],
    other: list[bool | int | float | str | bytes | UUID | None],
) -> None:
    """Two commitments are equal only when every part is, in type, value, bounds and order."""
    digester = Digester(KEY)
    same = [(type(part), repr(part)) for part in one] == [(type(part), repr(part)) for part in other]
    assert (digester.of(*one) == digester.of(*other)) is same


def test_where_one_part_ends_is_part_of_the_commitment() -> None:
    """("a", "bc") and ("ab", "c") are different facts."""
    digester = Digester(KEY)
    assert digester.of("a", "bc") != digester.of("ab", "c")
    assert digester.of(1) != digester.of("1") != digester.of(b"1")
    assert digester.of() != digester.of(None)


def test_a_commitment_needs_its_key() -> None:
    """Another key gives another commitment; the right one agrees; a short one is refused."""
    digest = Digester(KEY).of("900101-1234567")
    assert Digester(KEY).agrees(digest, "900101-1234567")
    assert not Digester(bytes(32)).agrees(digest, "900101-1234567")
    assert not Digester(KEY).agrees("\u00e9", "900101-1234567")
    with pytest.raises(ValueError, match="32 bytes"):
        Digester(b"short")


@pytest.mark.parametrize(
    "typed", ["제9조제1항제2호", "제31조의6", "제4조, 제9조제1항", "제23조의17제2항", "형법 제9조제1항"]
)
def test_an_article_that_is_only_its_numbers_is_kept_as_typed(typed: str) -> None:
    """What an order rests on stands on the ledger, where it says nothing else."""
    assert cited(typed, {"형법"}) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "홍길동 제9조",
        "제9조 은하수로 7",
        "제01055557731조",
        "제9조, " * 5 + "제9조",
        "art. 9",
        "형법",
        "형법 홍길동",
        "홍길동법 제9조",
    ],
)
def test_whatever_else_somebody_typed_as_an_article_is_not(typed: str) -> None:
    """A name, a street or a long number never gets there by that field."""
    assert cited(typed, {"형법"}) is None
