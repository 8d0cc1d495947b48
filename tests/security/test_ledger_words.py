"""Nothing that somebody types reaches the ledger, by any field of any route: what stands there stands for ever."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from tests.security.test_ladder import LATER, LATEST, RUNGS, SINCE, Door, door, nats

from jikimi.identity.model import Role

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


async def test_nothing_typed_into_any_field_of_any_route_is_on_the_ledger(door: Door) -> None:
    """A name, a number and a telephone go into every free field there is; no row of the ledger holds one of them."""
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
    assert wanted - taken == set(CLOSED), "a field that took nothing was not tried"
    rows = [row["body"] for row in await door.site.rows("SELECT CAST(body AS text) AS body FROM ledger_row")]
    assert len(rows) > 100
    assert [row for row in rows for mark in FOUND if mark in row.casefold()] == []
