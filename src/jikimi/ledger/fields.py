"""The closed list of what a ledger row may say. It must never admit free text, a coordinate or a name.

Rows outlive the facts they speak of (the usage register is kept three years, 전자장치부착법 시행령 14조), so a person's
data is named by id or by keyed digest and can be destroyed without breaking a seal.
"""

import re
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Final
from uuid import UUID

from jikimi.kernel.errors import JikimiError

Value = str | int | bool | None
"""What a row may hold once it is written; never a float, because two machines may print one differently."""

_MOST = 2**53
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/+-]{0,127}|[0-9]{1,3}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ARTICLE_LENGTH = 200
_CITED = re.compile(r"제[0-9]{1,3}조(의[0-9]{1,2})?(제[0-9]{1,2}항)?(제[0-9]{1,2}호(의[0-9]{1,2})?)?")
_MOST_CITED = 4


class UnfitForLedger(JikimiError):
    """A row that would put more than ids, codes, times and digests on the record: a defect of the caller."""

    code = "unfit-for-ledger"
    advice = "Put the fact where it can be destroyed and its keyed digest into the row."


class Form(Enum):
    """How the value of a field looks."""

    ID = "id"
    CODE = "code"
    TIME = "time"
    DIGEST = "digest"
    ARTICLE = "article"
    NUMBER = "number"
    FLAG = "flag"


def _fields(form: Form, names: str) -> dict[str, Form]:
    return dict.fromkeys(names.split(), form)


FIELDS: Final[Mapping[str, Form]] = {
    **_fields(
        Form.ID,
        "account actor agency alert approver carry cause delivery destruction device fact grant handover incident "
        "jurisdiction last_fix monitoring_agency offender order other_agency pair person place plan police_agency "
        "previous qualification respondent session shift site station subject supersedes tasking unit victim",
    ),
    **_fields(
        Form.CODE,
        "action also_code attribution cause_code channel code dispatch grade log method next_state outcome "
        "previous_log previous_state purpose reason reason_code recipient regime response role rules_version scope state "
        "status step toward what why",
    ),
    **_fields(
        Form.TIME,
        "accepted_at answered_at arrived_at closed_at decided_at delivered_at due_at ended_at ends_at expires_at "
        "happened_at opened_at queued_at recorded_at sent_at since starts_at tasked_at until",
    ),
    **_fields(Form.DIGEST, "content_digest digest facts_digest key_digest reasons_digest rules_digest"),
    **_fields(Form.ARTICLE, "article"),
    **_fields(
        Form.NUMBER, "attempt count dispatch_code feed_seq late_ms log_seq priority rows_before size took_ms version"
    ),
    **_fields(Form.FLAG, "allowed arrestable duplicate exercise late recorded retrospective"),
}
"""Every field a row may have, and its form. ``id``, ``at`` and ``kind`` are every row's own."""

OPENED: Final = "month.opened"
"""The kind of a month's first row, which nobody writes but the sealer."""


def fit(name: str, value: object) -> Value:
    """``value`` as the row keeps it (a UUID as text); raises UnfitForLedger without ever repeating the value."""
    form = FIELDS.get(name)
    if form is None:
        raise UnfitForLedger(f"A ledger row has no field {name!r}.")
    if value is None:
        return None
    if form is Form.ID and isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str | int) or not _is(form, value):
        raise UnfitForLedger(f"The ledger field {name!r} holds a {form.value}, and this is none.")
    return value


def cited(typed: str, laws: Collection[str] = ()) -> str | None:
    """An article that a person typed, as a row may keep it: its numbers (제9조제1항제2호), after one of ``laws`` or none.

    None for anything else: whatever else was typed may be a name or a place, and stays where it can be destroyed.
    """
    law = next((law for law in laws if typed.startswith(f"{law} 제")), None)
    parts = (typed if law is None else typed[len(law) + 1 :]).split(", ")
    return typed if len(parts) <= _MOST_CITED and all(map(_CITED.fullmatch, parts)) else None


def fit_kind(kind: str) -> str:
    """A row's kind: a short code; raises UnfitForLedger."""
    if not _CODE.fullmatch(kind):
        raise UnfitForLedger("A ledger row's kind is a short code.")
    return kind


def _is(form: Form, value: str | int) -> bool:
    if form is Form.FLAG:
        return isinstance(value, bool)
    if form is Form.NUMBER:
        return type(value) is int and abs(value) < _MOST
    if not isinstance(value, str):
        return False
    if form is Form.ARTICLE:
        return len(value) <= _ARTICLE_LENGTH and value.isprintable()
    if form is Form.ID:
        return _is_uuid(value)
    return {Form.CODE: _CODE, Form.TIME: _TIME, Form.DIGEST: _DIGEST}[form].fullmatch(value) is not None


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
