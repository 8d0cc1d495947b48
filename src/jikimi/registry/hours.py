"""Hours of every week as a decision states them, and as detection is told them. It must never shift one by a time zone.

They are in the regime's own time; on a date listed as a holiday the rows of `holiday` hold and no others.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from jikimi.detect import facts
from jikimi.detect.hours import DAY_S
from jikimi.kernel.errors import Malformed, NotFound
from jikimi.registry.fields import Day, Model, refusal
from jikimi.registry.regimes import offsets

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
UNTIMED: Final = "nobody knows the time of this regime; give a schedule instead"
_EPOCH: Final = date(1970, 1, 1)

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
Daytime = Annotated[str, StringConstraints(strict=True, pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""HH:MM of the regime's own time; 24:00 is the day's end."""


class WeeklyEntry(Model):
    """On these days, from inclusive, until exclusive; an end not later than the beginning is on the day after."""

    days: Annotated[list[Weekday], Field(min_length=1, max_length=8)]
    start: Daytime = Field(alias="from")
    end: Daytime = Field(alias="until")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.start in {"24:00", self.end}:
            raise ValueError("hours begin before 24:00 and end at another time; a whole day is 00:00 to 24:00")
        return self


class HoursEntry(Model):
    """Hours that come back every week, with the dates on which those of a holiday hold."""

    weekly: Annotated[list[WeeklyEntry], Field(min_length=1, max_length=100)]
    holidays: list[Day] = Field(default=[], max_length=1000)


def kept(entry: HoursEntry | None) -> dict[str, Any] | None:
    """The hours as the record keeps them: what was entered, as JSON."""
    return None if entry is None else entry.model_dump(mode="json", by_alias=True)


def read(hours: dict[str, Any] | None) -> dict[str, Any] | None:
    """Hours from outside, checked and as the record keeps them; raises Malformed naming the field."""
    try:
        return None if hours is None else kept(HoursEntry.model_validate(hours))
    except ValidationError as error:
        raise refusal(error.errors(include_input=False, include_url=False, include_context=False)) from None


def told(hours: dict[str, Any] | None, regime: str) -> facts.Hours | None:
    """The hours of the record as detection is told them; raises Malformed for a regime that has no time of its own."""
    if hours is None:
        return None
    try:
        calendar = offsets(regime)
    except NotFound as error:
        raise Malformed(f"hours: {UNTIMED}.", field="hours") from error
    weekly = [
        (_DAYS.index(day), *_seconds(row["from"], row["until"])) for row in hours["weekly"] for day in row["days"]
    ]
    holidays = [(date.fromisoformat(day) - _EPOCH).days for day in hours["holidays"]]
    return facts.Hours(sorted(weekly), calendar, sorted(holidays))


def _seconds(start: str, end: str) -> tuple[int, int]:
    begin, stop = (int(text[:2]) * 3600 + int(text[3:]) * 60 for text in (start, end))
    return begin, stop if stop > begin else stop + DAY_S
