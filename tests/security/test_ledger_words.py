"""Nothing that somebody types reaches the ledger, by any field of any route: what stands there stands for ever."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final
from uuid import uuid4

from nats.aio.client import Client
from tests.integration.respond.conftest import Site
from tests.integration.thief import open_in
from tests.security.test_ladder import LATER, LATEST, RUNGS, SINCE, Door, door, nats

from jikimi.identity.model import Role
from jikimi.kernel.clock import moment
from jikimi.oversee.carrying_out import Carrying
from jikimi.store.due import Due
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats

__all__ = ["door", "nats"]

WORD: Final = "hong7731marker"
TELEPHONE, NUMBER = "010-5555-7731", "800101-1557731"
MARKS: Final = (WORD, "홍길동법 제7731호", TELEPHONE)
"""A name as a code, as an article and as a number of somebody's."""
FOUND: Final = (WORD, "홍길동", TELEPHONE, "55557731", NUMBER, "1557731")
FORMATS: Final = frozenset({"uuid", "date-time", "date", "password"})
SPAN: Final = {"from": LATER, "until": LATEST}
PLACES: Final = [
    {"kind": "home", "lon": 127.0, "lat": 37.5, "radius_m": 100, "exceptions": [SPAN | {"reason": WORD}]},
    {"kind": "work", "lon": 127.1, "lat": 37.5, "radius_m": 100, "schedule": [SPAN | {"reason": WORD}]},
]
ORDER: Final = {
    "article": WORD, "until": LATEST, "radius_m": 150, "places": PLACES, "suspensions": [SPAN | {"reason": WORD}],
    "schedule": [{"from": SINCE, "until": LATEST, "reason": WORD}],
}  # fmt: skip
DOCUMENT: Final = {
    "people": [{"ref": WORD, "label": WORD, "identifier": NUMBER, "telephones": [TELEPHONE]},
               {"ref": "she", "label": "another"}],
    "stations": [{"ref": f"{WORD}-s", "name": WORD}],
    "units": [{"ref": f"{WORD}-u", "callsign": WORD, "kind": "police", "station": f"{WORD}-s"}],
    "devices": [{"ref": f"{WORD}-d", "kind": "tag", "external_id": WORD, "interval_s": 60}],
    "carries": [{"ref": f"{WORD}-c", "device": f"{WORD}-d", "person": WORD, "since": SINCE}],
    "accounts": [{"name": WORD, "role": "dispatcher", "near": [
        {"relation": "self", "telephone": TELEPHONE}, {"relation": "kin", "identifier": NUMBER}]}],
    "orders": [
        {"ref": f"{WORD}-o", "regime": "kr", "offender": WORD, "victim": "she", "from": SINCE, "arrestable": True} | ORDER,
        {"ref": "o", "regime": "kr", "offender_identifier": "800101-1557732", "victim_identifier": NUMBER, "from": SINCE,
         "arrestable": True, "radius_m": 100},
    ],
}  # fmt: skip
WHOLE: Final[Mapping[str, Any]] = {
    "/api/registry/import": DOCUMENT,
    "/api/registry/orders/{order}": {"version": 1, **ORDER, "until": None, "schedule": None},
}
"""Documents, with their marks in them already."""
BODIES: Final[Mapping[str, Any]] = {
    "/api/destructions/{destruction}/hold": {"article": "", "until": LATER},
    "/api/taskings/{tasking}/answer": {"state": "rejected", "reason": ""},
    "/api/registry/people/search": {},
}
"""Where the ladder's own body is not the one with the words."""
CLOSED: Final[Mapping[str, str]] = {
    "/api/access/pseudonyms pseudonym": "one that a statement gave", "/api/destructions event": "of the law's data",
    "/api/duty/qualifications kind": "of the regime's data", "/api/incidents/{incident}/close cause": "of a list",
    "/api/incidents/{incident}/close outcome": "of a list", "/api/incidents/{incident}/close response": "of a list",
    "/api/ledger/verification witnesses.[]": "a key", "/api/registry/jurisdictions agency": "an agency's own name",
    "/api/registry/jurisdictions name_property": "a name within the file",
}  # fmt: skip
"""What looks like text and takes a few words only."""

OPEN: Final = {"account.name", "device.external_id", "jurisdiction.source", "station.name", "unit.callsign"}
"""Of what is typed, what lies open in the database by intent: it names staff, what is theirs, and things."""


def fields(schemas: Mapping[str, Any], schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where a body holds text that is no id, time or choice from a list."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    for kind in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(kind, []):
            yield from fields(schemas, each, path)
    for name, each in schema.get("properties", {}).items():
        yield from fields(schemas, each, (*path, name))
    if schema.get("type") == "array":
        yield from fields(schemas, schema.get("items", {}), (*path, "[]"))
    if schema.get("type") == "string" and not {"enum", "const"} & schema.keys() and schema.get("format") not in FORMATS:
        yield path


def marked(body: Any, path: tuple[str, ...], mark: str) -> Any:
    """The body with ``mark`` there."""
    if not path:
        return mark
    if path[0] == "[]":
        first, *rest = body or [None]
        return [marked(first, path[1:], mark), *rest]
    return {**(body or {}), path[0]: marked((body or {}).get(path[0]), path[1:], mark)}


async def typed(door: Door) -> tuple[set[str], set[str]]:
    """Put every mark into every free field of every route; which fields there are, and which took one."""
    described = door.app.openapi()
    taken: set[str] = set()
    wanted: set[str] = set()
    for method, path, rung in RUNGS:
        token = door.tokens["here", min(rung.mine or rung.roles, key=list(Role).index)]
        if path in WHOLE:
            done = await door.knock(token, method, path, WHOLE[path])
            assert done.status_code == rung.allowed, (path, done.text)
            continue
        said = described["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {}).get("content", {})
        base = BODIES.get(path, rung.body)
        where = {one for each in said.values() for one in fields(described["components"]["schemas"], each["schema"])}
        for one in sorted(where):
            name = f"{path} {'.'.join(one)}"
            wanted.add(name)
            for mark in MARKS:
                done = await door.knock(token, method, path, marked(deepcopy(base), one, mark))
                if done.status_code < 300:
                    taken.add(name)
        await door.knock(token, method, path, rung.body)
    await door.client.post("/api/sessions", json={"name": WORD, "password": WORD})
    return wanted, taken


async def test_nothing_typed_into_any_field_of_any_route_is_on_the_ledger(door: Door) -> None:
    """A name, a number and a telephone go into every free field there is; no row of the ledger holds one of them."""
    wanted, taken = await typed(door)
    assert wanted - taken == set(CLOSED), "a field that took nothing was not tried"
    rows = [row["body"] for row in await door.site.rows("SELECT CAST(body AS text) AS body FROM ledger_row")]
    assert len(rows) > 100
    assert [row for row in rows for mark in FOUND if mark in row.casefold()] == []


async def destroyed(site: Site, client: Client) -> None:
    """Every order ended, everybody's device taken off, every incident closed, and everybody's file destroyed by law."""
    now = moment(site.clock.at)
    await site.execute("UPDATE protective_order SET ended_at = :now WHERE ended_at IS NULL", now=moment(1.0))
    await site.execute("UPDATE carry SET until = :now WHERE until IS NULL OR until > :now", now=now)
    await site.execute("UPDATE incident SET closed_at = :now WHERE closed_at IS NULL", now=now)
    await site.execute(
        "UPDATE destruction SET carried_out = false, decided_at = :now, decided_by = person, held_until = NULL"
        " WHERE destroyed_at IS NULL", now=now,
    )  # fmt: skip
    asked = {uuid4(): person["id"] for person in await site.rows("SELECT id FROM person")}
    for which, person in asked.items():
        await site.execute(
            "INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, decided_at,"
            " decided_by, carried_out) SELECT :id, agency, id, 'file_closed', 'x',"
            " '{person,order,provisional,supervision,consent}', now(), :id, false, now(), id, true"
            " FROM person WHERE id = :person",
            id=which, person=person,
        )  # fmt: skip
    carrying = Carrying(client, site.clock)
    for body in ({}, {"counted": True}, {"counted": True}):
        for which in asked:
            async with site.database.transaction() as connection:
                await carrying.destroy(connection, Due(uuid4(), "destroy", str(which), site.clock.at, 0, body))
    assert (
        await site.rows("SELECT id FROM destruction WHERE id = ANY(:ids) AND destroyed_at IS NULL", ids=[*asked]) == []
    )


async def test_what_is_typed_lies_open_where_it_is_listed_only_and_goes_with_the_files(
    door: Door, database_url: str, nats_server: Nats
) -> None:
    """No column of any table shows it but names of staff's own and of devices, and a device is nobody's afterwards."""
    await typed(door)
    assert open_in(database_url, FOUND) == OPEN
    client = await connect(nats_server.url("respond"), "respond")
    await destroyed(door.site, client)
    await client.close()
    assert open_in(database_url, FOUND) == OPEN - {"device.external_id"}
