"""The kinds of value a request may hold, and how a wrong one is named. It must never repeat what was sent."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from jikimi.kernel.clock import iso
from jikimi.kernel.errors import Malformed
from jikimi.registry.identifiers import identifying, telephone

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
LONGEST_LIST: Final = 10_000
_PARTS = ("body", "query", "path")
_NAME = re.compile(r"[a-z][a-z_]{0,39}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")


def _unix(value: object) -> float:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("a time is RFC 3339 text with an offset, like 2026-10-02T09:00:00+09:00")
    at = datetime.fromisoformat(value.upper()).timestamp()
    if not EARLIEST <= at <= LATEST:
        raise ValueError("a time lies between the years 2000 and 2200")
    return at


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is written YYYY-MM-DD")
    return date.fromisoformat(value)


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a text has printable characters only")
    return value


def _uuid(value: object) -> UUID:
    if not isinstance(value, str):
        raise ValueError("an id is the text of a UUID")  # noqa: TRY004 - the validator turns only this into a refusal
    return UUID(value)


Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200), AfterValidator(_printable)]
"""1 to 200 printable characters, as the ledger asks too."""
Note = Annotated[str, StringConstraints(strict=True, max_length=200), AfterValidator(_printable)]
Identifier = Annotated[str, StringConstraints(strict=True, max_length=128), AfterValidator(identifying)]
"""A number that names one person, like a resident number; compared by digest and kept nowhere."""
Telephone = Annotated[str, StringConstraints(strict=True, max_length=32), AfterValidator(telephone)]
"""A telephone number; compared by digest and kept nowhere."""
Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Pointer = Annotated[Text, Field(description="a `ref` of this document or an existing id")]
Id = Annotated[UUID, BeforeValidator(_uuid)]
Lon = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Length = Annotated[float, Field(strict=True, gt=0, le=100_000, allow_inf_nan=False, description="metres")]
Margin = Annotated[float, Field(strict=True, ge=0, le=100_000, allow_inf_nan=False, description="metres")]
Interval = Annotated[float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False, description="seconds")]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Version = Annotated[int, Field(strict=True, ge=1, lt=2**53)]
Time = Annotated[float, BeforeValidator(_unix), WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 text with an offset outside, Unix seconds UTC inside."""
Moment = Annotated[str, BeforeValidator(iso), WithJsonSchema({"type": "string", "format": "date-time"})]
"""The way back: Unix seconds inside, RFC 3339 text in an answer."""


class Model(BaseModel):
    """What is sent to us: unknown keys are refused, nothing is converted behind the sender's back."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


def refusal(errors: Sequence[Any]) -> Malformed:
    """Name the first of pydantic's ``errors``: the list, the index in it from 0, the field and what is wrong."""
    first = errors[0]
    path = [_name(part) for part in first["loc"] if part not in _PARTS]
    where = ".".join(str(part) for part in path) or "the body"
    index = path[1] if len(path) > 1 and isinstance(path[1], int) else None
    named = str(path[0]) if index is not None else None
    field = ".".join(str(part) for part in (path[2:] if named else path)) or None
    what = str(first["msg"]).removeprefix("Value error, ")
    return Malformed(f"{where}: {what}.", list=named, index=index, field=field, errors=len(errors))


def _name(part: object) -> str | int:
    # An unknown key is the sender's own word; only what looks like a field's name is said again.
    return part if isinstance(part, int) else str(part) if _NAME.fullmatch(str(part)) else "?"


def misfit(named: str, index: int, field: str, what: str) -> Malformed:
    """Name what is wrong with one field of one entry of a list; ``index`` counts from 0."""
    return Malformed(f"{named}.{index}.{field}: {what}.", list=named, index=index, field=field)
