"""The registry's reference holds what it says."""

import json
import re
from pathlib import Path

from pydantic import BaseModel

from jikimi.registry import schemas
from jikimi.registry.hours import HoursEntry, WeeklyEntry
from jikimi.registry.service import import_document
from jikimi.store.database import Database
from tests.test_registry_world import CLOCK

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "registry.md").read_text(encoding="utf-8")


async def test_the_example_can_be_entered_as_it_stands(service: Database) -> None:
    """The example of the reference page is a document that an empty installation takes."""
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found
    imported = await import_document(service, CLOCK, None, json.loads(found.group(1)))
    assert set(imported.created) == set(schemas.Document.model_fields)
    assert len(imported.devices) == len(imported.accounts) == 2


def test_every_field_is_on_the_page() -> None:
    """A field that is read and not described fails here."""
    entries: list[type[BaseModel]] = [
        schemas.AgencyEntry, schemas.StationEntry, schemas.UnitEntry, schemas.UnitPosition, schemas.PersonEntry,
        schemas.DeviceEntry, schemas.CarryEntry, schemas.SpanEntry, schemas.SuspensionEntry, schemas.PlaceEntry,
        WeeklyEntry, HoursEntry, schemas.OrderEntry,
        schemas.AccountEntry, schemas.OrderChange, schemas.CarryMove, schemas.Collection,
    ]  # fmt: skip
    for entry in entries:
        for name, field in entry.model_fields.items():
            told = field.alias or name
            assert told in {"type", "features", "source", "as_of", "name_property"} or f"`{told}`" in PAGE, (
                entry,
                told,
            )
