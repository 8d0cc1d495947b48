"""Boundaries into the record and out of it again, and the two commands, on a real PostgreSQL."""

import asyncio
import gzip
import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from jikimi.cli.locate import record_url
from jikimi.cli.main import app
from jikimi.identity.model import Role
from jikimi.kernel.errors import Forbidden, JikimiError, Malformed, Misconfigured
from jikimi.registry.service import (
    Desk,
    Source,
    all_jurisdictions,
    all_units,
    import_jurisdictions,
    locate,
    report_position,
)
from jikimi.settings import Settings
from jikimi.store.database import Database
from tests.test_registry_world import CLOCK, actor, built, world

DRAWN = Source("drawn", date(2026, 1, 1), "Hanbit Police")
KOREA = Path(__file__).parents[3] / "shared" / "data" / "korea" / "sigungu_20230915.geojson.gz"


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(name: object, *rings: list[list[float]], **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature", "properties": {"name": name, **properties},
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }  # fmt: skip


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


MAP = collection(
    feature("Hanbit", ring(126, 37, 128, 38), ring(126.4, 37.4, 126.6, 37.6), station="Hanbit Station"),
    feature("Inner", ring(126.4, 37.4, 126.6, 37.6)),
)


async def test_a_point_is_on_the_ground_of_whoever_drew_it(service: Database, people: Database) -> None:
    """The smallest boundary holds, a hole is its enclave's, off the map is nobody's; source and day are told."""
    await built(service)
    desk = Desk(people, service, CLOCK)
    loaded = await import_jurisdictions(service, CLOCK, None, MAP, DRAWN)
    assert (loaded.count, loaded.replaced) == (2, 0)
    assert (await locate(desk, None, 127.0, 37.5))["jurisdiction"] == {
        "name": "Hanbit",
        "station": "Hanbit Station",
        "agency": "Hanbit Police",
        "source": "drawn",
        "as_of": "2026-01-01",
    }
    assert (await locate(desk, None, 126.5, 37.5))["jurisdiction"]["name"] == "Inner"
    assert (await locate(desk, None, 126.4, 37.5))["jurisdiction"]["name"] in {"Inner", "Hanbit"}
    assert (await locate(desk, None, 125.0, 37.5))["jurisdiction"] is None


async def test_an_edition_replaces_its_source_and_no_other(service: Database) -> None:
    """A new file of a source takes the old one's place at once; other sources stand; a bad file changes nothing."""
    await built(service)
    await import_jurisdictions(service, CLOCK, None, MAP, DRAWN)
    await import_jurisdictions(service, CLOCK, None, MAP, Source("other", date(2020, 1, 1), "Hanbit Police"))
    newer = Source("drawn", date(2026, 6, 1), "Hanbit Police")
    loaded = await import_jurisdictions(
        service, CLOCK, None, collection(feature("Whole", ring(126, 37, 128, 38))), newer
    )
    assert (loaded.count, loaded.replaced) == (1, 2)
    with pytest.raises(Malformed):
        await import_jurisdictions(service, CLOCK, None, collection(feature("x", ring(0, 0, 999, 1))), newer)
    async with service.transaction() as connection:
        held = (await all_jurisdictions(connection)).at(127.0, 37.5)
    assert {(one.name, one.source, one.as_of.isoformat()) for one in held} == {
        ("Whole", "drawn", "2026-06-01"), ("Hanbit", "other", "2020-01-01"),
    }  # fmt: skip


async def test_two_editions_at_once_leave_one(service: Database) -> None:
    """Imports of one source at the same moment follow each other; none is refused, none mixes with the other."""
    await built(service)
    await asyncio.gather(*(import_jurisdictions(service, CLOCK, None, MAP, DRAWN) for _ in range(4)))
    async with service.transaction() as connection:
        assert len((await all_jurisdictions(connection)).rows) == 2


WRONG: list[tuple[dict[str, Any], int | None, str]] = [
    ({}, None, "type"),
    ({"type": "FeatureCollection"}, None, "type"),
    (collection(), None, "features"),
    (collection(MAP["features"][1], {"type": "Feature"}), 1, "properties"),
    (collection(MAP["features"][1], "x"), 1, "properties"),  # type: ignore[arg-type]
    (collection(feature(5, ring(0, 0, 1, 1))), 0, "properties.name"),
    (collection(feature("", ring(0, 0, 1, 1))), 0, "properties.name"),
    (collection(feature("a", ring(0, 0, 1, 1), agency="Nobody")), 0, "properties.agency"),
    (collection(feature("a", ring(0, 0, 1, 1), station="Nowhere")), 0, "properties.station"),
    (collection(MAP["features"][1], feature("a", ring(0, 0, 1, 91))), 1, "geometry"),
    (collection({**feature("a"), "geometry": {"type": "Point", "coordinates": [0, 0]}}), 0, "geometry"),
]


async def test_a_feature_that_is_wrong_is_named(service: Database) -> None:
    """Index and field of the first wrong feature, and nothing entered."""
    await built(service)
    for document, index, field in WRONG:
        with pytest.raises(Malformed) as refused:
            await import_jurisdictions(service, CLOCK, None, document, DRAWN)
        assert (refused.value.extra.get("index"), refused.value.extra["field"]) == (index, field)
    async with service.transaction() as connection:
        assert not (await all_jurisdictions(connection)).rows


async def test_a_registrar_draws_the_own_agencys_ground_only(service: Database) -> None:
    """Without a name it is the own agency's; another agency's is Forbidden; of a shared source only one's own goes."""
    ids = (await built(service)).ids
    for agency in ("police", "others"):
        done = await import_jurisdictions(
            service, CLOCK, actor(ids[agency]), collection(MAP["features"][1]), Source("shared", date(2026, 1, 1))
        )
        assert (done.count, done.replaced) == (1, 0)
    with pytest.raises(Forbidden):
        await import_jurisdictions(service, CLOCK, actor(ids["others"]), MAP, DRAWN)
    with pytest.raises(Forbidden):
        await import_jurisdictions(service, CLOCK, actor(ids["police"], Role.DISPATCHER), MAP, DRAWN)


async def test_the_nearest_units_come_with_their_ages(service: Database, people: Database) -> None:
    """Distance, age and status of the units the asker may see; who is off is not offered."""
    ids = (await built(service)).ids
    now = CLOCK.unix()
    async with service.transaction() as connection:
        assert await report_position(connection, ids["stranger"], 127.0, 37.51, 5.0, now - 30)
        assert not await report_position(connection, ids["stranger"], 0.0, 0.0, 5.0, now - 31)
        await connection.execute(text("UPDATE unit SET status = 'off' WHERE callsign = 'M-1'"))
        assert len(await all_units(connection)) == 3
    desk = Desk(people, service, CLOCK)
    found = (await locate(desk, None, 127.0, 37.5))["units"]
    assert [(unit["callsign"], unit["status"]) for unit in found] == [("P-1", "available"), ("X-1", "available")]
    assert found[1]["distance_m"] == pytest.approx(1111.9, abs=3)
    assert found[1]["age_s"] == pytest.approx(30, abs=3)
    dispatcher = actor(ids["police"], Role.DISPATCHER)
    assert [unit["callsign"] for unit in (await locate(desk, dispatcher, 127.0, 37.5))["units"]] == ["P-1"]


async def test_where_somebody_looked_is_not_on_the_register_but_that_they_looked_is(
    service: Database, people: Database
) -> None:
    """The register names who asked and why, and keeps no coordinate."""
    ids = (await built(service)).ids
    await locate(Desk(people, service, CLOCK), actor(ids["police"], Role.DISPATCHER), 127.1234567, 37.7654321)
    async with service.transaction() as connection:
        row = str((await connection.execute(text("SELECT * FROM access_register"))).one())
    assert "locate" in row
    assert "1234567" not in row


def run(*argv: str, url: str) -> Result:
    return CliRunner().invoke(app, [*argv, "--database-url", url])


def test_the_commands_enter_and_find(database_url: str, tmp_path: Path) -> None:
    """`jikimi import registry`, `import jurisdictions` and `locate` work on the record and print JSON."""
    document, boundaries = tmp_path / "registry.json", tmp_path / "map.geojson.gz"
    document.write_text(json.dumps(world()), encoding="utf-8")
    boundaries.write_bytes(gzip.compress(json.dumps(MAP).encode()))
    entered = run("import", "registry", str(document), url=database_url)
    assert entered.exit_code == 0, entered.output
    printed = json.loads(entered.stdout)
    assert {device["external_id"] for device in printed["devices"]} == {"tag-1", "watch-1"}
    assert all(len(device["key"]) == 32 for device in printed["devices"])
    options = ["--source", "drawn", "--as-of", "2026-01-01", "--agency", "Hanbit Police"]
    loaded = run("import", "jurisdictions", str(boundaries), *options, url=database_url)
    assert json.loads(loaded.stdout) == {"count": 2, "replaced": 0}
    found = run("locate", "127.0", "37.5", url=database_url)
    assert json.loads(found.stdout)["jurisdiction"]["station"] == "Hanbit Station"
    assert json.loads(found.stdout)["units"][0]["callsign"] == "P-1"


def test_a_refused_file_is_one_line_and_exit_code_one(database_url: str, tmp_path: Path) -> None:
    """What is wrong with a file is said on standard error, without a traceback; the record is as before."""
    file = tmp_path / "registry.json"
    wrong = deepcopy(world())
    wrong["orders"][0]["victim"] = "nobody"
    for content, said in (
        ("{", "not JSON"), ("[]", "JSON object"), (json.dumps(wrong), "orders.0.victim"), ("\xff", "not JSON"),
    ):  # fmt: skip
        file.write_text(content, encoding="latin-1")
        refused = run("import", "registry", str(file), url=database_url)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
    away = run("locate", "1", "1", url="postgresql://nobody@127.0.0.1:1/none")
    assert (away.exit_code, away.stdout) == (1, "")


def test_the_record_is_the_environments_or_the_running_installations(tmp_path: Path) -> None:
    """JIKIMI_DATABASE_URL goes first, then the running installation's file; with neither there is advice."""
    with pytest.raises(Misconfigured):
        record_url(Settings.read({"JIKIMI_DATA": str(tmp_path)}))
    (tmp_path / "runtime.json").write_text('{"database_url": "postgresql://here"}')
    assert record_url(Settings.read({"JIKIMI_DATA": str(tmp_path)})) == "postgresql://here"
    environment = {"JIKIMI_DATA": str(tmp_path), "JIKIMI_DATABASE_URL": "postgresql://there"}
    assert record_url(Settings.read(environment)) == "postgresql://there"
    (tmp_path / "runtime.json").write_text("{")
    with pytest.raises(JikimiError):
        record_url(Settings.read({"JIKIMI_DATA": str(tmp_path)}))


@pytest.mark.skipif(not KOREA.exists(), reason="needs the boundaries of 253 Korean districts beside the checkout")
async def test_a_whole_countrys_districts_are_loaded_and_asked(service: Database, people: Database) -> None:
    """253 real districts load; a place in each is its own district's, and no point is two's."""
    await built(service)
    districts = json.loads(gzip.decompress(KOREA.read_bytes()))
    source = Source("districts", date(2023, 9, 15), "Hanbit Police", "sigungu")
    assert (await import_jurisdictions(service, CLOCK, None, districts, source)).count == 253
    async with service.transaction() as connection:
        held = await all_jurisdictions(connection)
    for row in held.rows:
        inside = row.boundary.representative_point()
        assert row.id in {one.id for one in held.at(inside.x, inside.y)}
    found = await locate(Desk(people, service, CLOCK), None, 126.9780, 37.5665)
    assert found["jurisdiction"]["name"] == "중구"
