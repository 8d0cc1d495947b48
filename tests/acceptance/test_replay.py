"""`jikimi replay` as its reference says: files in, the same bytes out, errors that name row and field."""

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.cli.replay import KEYS, replay
from jikimi.kernel.errors import Absurd, JikimiError, Malformed

T0 = 1_800_000_000
COLUMNS = ["subject", "t", "lon", "lat", "accuracy_m", "source", "received_t"]
Rows = list[list[Any]]


def approach(minutes: int = 60) -> Rows:
    """He walks up to her from 3 km, stays and leaves; a fix a minute each."""
    rows: Rows = []
    for minute in range(minutes):
        east = max(10, 3000 - 150 * minute) if minute < 40 else 10 + 150 * (minute - 40)
        rows.append(["v", T0 + 60 * minute, 127.0, 37.5, 10, "gnss", T0 + 60 * minute + 1])
        rows.append(
            ["o", T0 + 60 * minute + 30, round(127.0 + east / 88_200, 7), 37.5, 10, "gnss", T0 + 60 * minute + 31]
        )
    return rows


def order(**changes: Any) -> dict[str, Any]:
    """An order of 100 m with her home as a place."""
    plain = {
        "order": "A", "offender": "o", "victim": "v", "from": T0, "until": None, "radius_m": 100,
        "places": [{"id": "h", "kind": "home", "lon": 127.2, "lat": 37.5, "radius_m": 100}],
    }  # fmt: skip
    return plain | changes


def files(folder: Path, rows: Rows, orders: Any = None, columns: list[str] | None = None) -> tuple[Path, Path]:
    """The two files a replay needs."""
    names = columns or COLUMNS
    text = [",".join(names), *(",".join("" if v is None else str(v) for v in row) for row in rows)]
    (folder / "f.csv").write_text("\n".join(text) + "\n")
    (folder / "o.json").write_text(json.dumps([order()] if orders is None else orders))
    return folder / "f.csv", folder / "o.json"


def out(folder: Path, rows: Rows, name: str = "a.jsonl", **more: Any) -> bytes:
    """The bytes of a replay of ``rows``."""
    fixes, orders = files(folder, rows, more.pop("orders", None), more.pop("columns", None))
    replay(fixes, orders, folder / name, tail_s=more.pop("tail_s", 400), **more)
    return (folder / name).read_bytes()


def lines(body: bytes) -> list[dict[str, Any]]:
    """Output lines as objects."""
    return [json.loads(line) for line in body.splitlines()]


def test_an_approach_is_told_ring_by_ring(tmp_path: Path) -> None:
    """The keys are exactly those promised, the codes come in the order of the rings, evidence after the watermark."""
    rows = lines(out(tmp_path, approach(), tail_s=100))
    assert all(tuple(row) == KEYS for row in rows)
    assert [row["code"] for row in rows if row["grade"] == "live"] == ["A08", "A07", "A06", "A02"]
    (proof,) = [row for row in rows if row["grade"] == "evidence"]
    assert proof["decided_at"] - proof["at"] == pytest.approx(121, abs=1)
    assert (rows[0]["order"], rows[0]["reason"]["rules"]) == ("A", "kr-2024-01-12.7")


def test_twice_in_pieces_and_repeated_is_the_same(tmp_path: Path) -> None:
    """Run again, cut by restarts anywhere, or with every row twice, the bytes are the same."""
    rows = approach()
    plain = out(tmp_path, rows)
    assert out(tmp_path, rows) == plain
    assert out(tmp_path, rows, cuts=range(1, 400, 7)) == plain
    assert out(tmp_path, [row for row in rows for _ in (1, 2)]) == plain
    later = [[*row[:6], row[6] + 45] for row in rows]
    assert out(tmp_path, [*rows, *later]) == plain


def test_shuffled_within_the_watermark_keeps_settled_rows(tmp_path: Path) -> None:
    """Whatever the delays up to the watermark, settled rows are identical, and the approach has a live alert."""
    rows = approach()
    settled = [row for row in lines(out(tmp_path, rows)) if row["grade"] == "evidence"]
    chance = random.Random(7)
    for _ in range(5):
        delayed = [[*row[:6], row[1] + chance.uniform(0, 119)] for row in rows]
        chance.shuffle(delayed)
        found = lines(out(tmp_path, delayed))
        assert [row for row in found if row["grade"] == "evidence"] == settled
        assert any(row["code"] == "A02" and row["grade"] == "live" for row in found)


def test_csv_and_parquet_are_one(tmp_path: Path) -> None:
    """The same rows as Parquet, with a column nobody knows, give the same bytes."""
    rows = approach()
    plain = out(tmp_path, rows)
    table = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)} | {
        "weather": ["rain"] * len(rows)
    }
    pq.write_table(pa.table(table), tmp_path / "f.parquet")
    replay(tmp_path / "f.parquet", tmp_path / "o.json", tmp_path / "p.jsonl", tail_s=400)
    assert (tmp_path / "p.jsonl").read_bytes() == plain


def test_without_receipt_and_accuracy(tmp_path: Path) -> None:
    """Only the four columns: receipt is the device's time, accuracy is assumed, and nothing is evidence."""
    rows = [row[:4] for row in approach()]
    random.Random(3).shuffle(rows)
    found = lines(out(tmp_path, rows, columns=COLUMNS[:4]))
    assert {row["grade"] for row in found} == {"live"}
    assert "A02" in {row["code"] for row in found}


def test_nothing_fires_after_the_last_receipt_without_a_tail(tmp_path: Path) -> None:
    """Silence after the recording is nobody's until ticks are asked for."""
    rows = approach(39)
    last = rows[-1][6]
    assert all(row["decided_at"] <= last for row in lines(out(tmp_path, rows, tail_s=0)))
    assert any(row["code"] == "A12" for row in lines(out(tmp_path, rows, tail_s=600)))


def test_transitions_and_events(tmp_path: Path) -> None:
    """Clears and ring changes appear when asked for; events are facts as well."""
    (tmp_path / "e.jsonl").write_text(
        json.dumps({"t": T0 + 90, "subject": "v", "kind": "sos"})
        + "\n\n"
        + json.dumps({"t": T0 + 95, "received_t": T0 + 96, "subject": "o", "kind": "charging", "value": True})
        + "\n"
    )
    found = lines(out(tmp_path, approach(), transitions=True, events=tmp_path / "e.jsonl"))
    assert {"cleared", "moved", "alert"} <= {key for row in found for key in row}
    assert next(row["code"] for row in found if "alert" in row) == "A01"


def test_configuration_changes_rules(tmp_path: Path) -> None:
    """Rules can be changed key by key; an unknown key or a file that is no object is refused."""
    (tmp_path / "c.json").write_text(json.dumps({"rings": {"WATCH": {"radius_m": 5000}}}))
    rows = lines(out(tmp_path, approach(), config=tmp_path / "c.json"))
    assert rows[0]["at"] == T0 + 60
    for wrong in ('{"rings": {"WATHC": 1}}', "[1]", "{"):
        (tmp_path / "c.json").write_text(wrong)
        with pytest.raises(Malformed):
            out(tmp_path, approach(), config=tmp_path / "c.json")


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("lat", 91, Absurd), ("lon", "nan", Absurd), ("t", -5, Absurd), ("accuracy_m", -1, Absurd),
        ("t", "noon", Malformed), ("lat", None, Malformed),
        ("subject", "", Malformed), ("source", "moon", Malformed), ("received_t", "1e300", Absurd),
    ],
)  # fmt: skip
def test_a_bad_row_is_named(tmp_path: Path, field: str, value: Any, kind: type[JikimiError]) -> None:
    """What cannot be read or cannot be true is refused with its row and field."""
    rows = approach(5)
    rows[3][COLUMNS.index(field)] = value
    with pytest.raises(kind) as caught:
        out(tmp_path, rows)
    assert (caught.value.extra["row"], caught.value.extra["field"]) == (5, field)


SQUARE = [[127.0, 37.0], [127.1, 37.0], [127.1, 37.1], [127.0, 37.1]]
FAR = [[126.0, 36.0], [126.5, 36.0], [126.5, 36.5]]
CIRCLE = {"id": "x", "kind": "home", "lon": 127.0, "lat": 37.5, "radius_m": 100}


@pytest.mark.parametrize(
    "wrong",
    [
        [order(colour="red")], {"order": "A"}, [order(), order()], [order(radius_m=0)], [order(victim="o")],
        [order(order="")], [order(order=" ")], [order(until=T0)], [order(rings_m=[5, 4, 3, 2])], [order(radius_m="wide")],
        [order(places=[CIRCLE | {"lat": 91}])],
        [order(places=[CIRCLE | {"polygon": [[0, 0], [1, 0], [1, 1]]}])], [order(places=[{"id": "x", "kind": "home"}])],
        [order(places=[{"id": "x", "kind": "home", "polygon": [[0, 0], [1, 0]]}])],
        [order(places=[{"id": "x", "kind": "home", "polygon": "round"}])],
        [order(places=[{"id": "x", "kind": "home", "polygon": []}])],
        [order(places=[{"id": "x", "kind": "corridor", "line": [[127, 37]], "width_m": 10}])],
        [order(places=[{"id": "x", "kind": "corridor", "width_m": 10}])],
        [order(places=[{"id": "x", "kind": "zone", "lon": 127, "lat": 37, "radius_m": 9, "hours": {"weekly": []}}])],
        [order(places=[CIRCLE | {"line": [[127, 37], [128, 37]], "width_m": 10}])],
        [order(places=[{"id": "x", "kind": "corridor", "line": [[127, 37], [128, 97]], "width_m": 10}])],
        [order(), order(order="B", regime="mars")], [order(regime="mars")],
        [order(suspensions=[{"from": T0, "lon": 127, "lat": 37}])],
        [order(suspensions=[{"from": T0, "lon": 127, "lat": 95, "radius_m": 100}])],
        [order(suspensions=[{"from": T0, "lon": 127, "lat": 37, "radius_m": 0}])],
        [order(suspensions=[{"from": T0 + 10, "until": T0}])],
        [order(places=[CIRCLE | {"exceptions": [{"from": T0 + 10, "until": T0}]}])],
        [order(places=[{"id": "x", "kind": "zone", "polygon": SQUARE, "margin_m": -5}])],
        [order(places=[{"id": "x", "kind": "zone", "polygon": [SQUARE, FAR]}])],
        [order(places=[{"id": "x", "kind": "zone", "polygon": [FAR, SQUARE]}])],
        [order(places=[CIRCLE, CIRCLE])],
        [order(schedule=[])], [order(places=[CIRCLE | {"schedule": []}])],
        [order(**{"from": float("nan")})], [order(rings_m=[float("inf")])], [order(until=float("inf"))],
    ],
)  # fmt: skip
def test_a_bad_order_is_refused(tmp_path: Path, wrong: Any) -> None:
    """Unknown keys, empty validity, impossible radii and places that are nowhere are errors, never guesses."""
    with pytest.raises(JikimiError):
        out(tmp_path, approach(3), orders=wrong)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (order(places=[CIRCLE | {"kind": "hom"}]), "kind"), (order(places=[CIRCLE | {"kind": "Home"}]), "kind"),
        (order(places=[CIRCLE | {"kind": ""}]), "kind"), (order(offender=""), "offender"), (order(victim=" "), "victim"),
    ],
)  # fmt: skip
def test_a_kind_or_party_mistyped_is_named(tmp_path: Path, entry: Any, field: str) -> None:
    """A home spelt wrong is no exclusion zone by chance: the message names the field, and the kinds there are."""
    with pytest.raises(Malformed) as refused:
        out(tmp_path, approach(3), orders=[entry])
    assert refused.value.problem()["field"] == field
    assert field != "kind" or "home" in refused.value.detail


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ('{"t": 1, "kind": "sos"}', "subject"), ('{"t": 1, "subject": "", "kind": "sos"}', "subject"),
        ('{"t": 1, "subject": null, "kind": "sos"}', "subject"), ('{"t": 1, "subject": "v"}', "kind"),
    ],
)  # fmt: skip
def test_an_event_of_nobody_is_named(tmp_path: Path, event: str, field: str) -> None:
    """A call for help without a subject reaches nobody: it is refused, with its row and field."""
    (tmp_path / "e.jsonl").write_text(event + "\n")
    with pytest.raises(Malformed) as refused:
        out(tmp_path, approach(2), events=tmp_path / "e.jsonl")
    assert (refused.value.problem()["row"], refused.value.problem()["field"]) == (1, field)


def test_orders_in_full(tmp_path: Path) -> None:
    """Polygons (one ring or several), rings, schedules and suspensions are read as documented."""
    ring = [[126.99, 37.49], [127.01, 37.49], [127.01, 37.51], [126.99, 37.51]]
    full = order(
        victim=None, regime="kr", rings_m=[3000, 1500, 800], schedule=[{"from": T0, "until": None}],
        suspensions=[{"from": T0 + 1200, "until": T0 + 1500, "reason": "court"}],
        places=[
            {"id": "p", "kind": "zone", "polygon": ring, "margin_m": 10},
            {"id": "q", "kind": "zone", "polygon": [ring, [[126.995, 37.495], [127.005, 37.495], [127.0, 37.505]]]},
        ],
    )  # fmt: skip
    found = lines(out(tmp_path, approach(), orders=[full]))
    assert {row["place"] for row in found if row["code"] == "A09"} == {"p", "q"}


def test_corridors_and_hours_of_places(tmp_path: Path) -> None:
    """A way with a width frees the zone it leads through, in its hours alone."""
    zone = {"id": "z", "kind": "zone", "lon": 127.0, "lat": 37.5, "radius_m": 400}
    way = {"id": "w", "kind": "corridor", "line": [[126.9, 37.5], [127.1, 37.5]], "width_m": 120}

    def entries(*places: dict[str, Any]) -> list[float]:
        rows = [row for row in approach(21) if row[0] == "o"]
        found = lines(out(tmp_path, rows, orders=[order(victim=None, places=list(places))]))
        return [row["at"] - T0 for row in found if row["code"] == "A09" and row["grade"] == "live"]

    (entered,) = entries(zone)
    assert entries(zone, way) == []
    assert entries(zone, way | {"schedule": [{"from": T0 + 3600, "until": None}]}) == [entered]
    assert entries(zone | {"schedule": [{"from": T0, "until": T0 + 60}]}) == []
    assert entries(zone | {"exceptions": [{"from": T0, "until": None}], "secret": True}) == []
    # T0 is a Friday, five in the afternoon in Seoul.
    for day, kept in (("fri", [entered]), ("sat", [])):
        hours = {"weekly": [{"days": [day], "from": "09:00", "until": "24:00"}]}
        assert entries(zone | {"hours": hours}) == kept


def test_bad_files_and_events(tmp_path: Path) -> None:
    """A missing column, a file that is no Parquet or no JSON, an unlisted kind: refused, never half read."""
    with pytest.raises(Malformed, match="'lat'"):
        out(tmp_path, [row[:3] for row in approach(2)], columns=COLUMNS[:3])
    (tmp_path / "bad.parquet").write_bytes(b"no")
    with pytest.raises(Malformed, match="Parquet"):
        replay(tmp_path / "bad.parquet", tmp_path / "o.json", tmp_path / "a.jsonl")
    fixes, orders = files(tmp_path, approach(2))
    orders.write_text("{")
    with pytest.raises(Malformed, match="JSON"):
        replay(fixes, orders, tmp_path / "a.jsonl")
    orders.write_text("[" * 100_000)
    with pytest.raises(Malformed, match="JSON"):
        replay(fixes, orders, tmp_path / "a.jsonl")
    (tmp_path / "c.json").write_text('{"data":' * 100_000)
    with pytest.raises(Malformed, match="JSON"):
        out(tmp_path, approach(2), config=tmp_path / "c.json")
    for wrong in (
        '{"t": 1, "subject": "v", "kind": "sos", "value": ' + "[" * 100_000,
        '{"t": 1, "subject": "v", "kind": "party"}', '{"t": 1}', "{",
        '{"t": 1, "subject": "v", "kind": "tether", "value": "50"}',
    ):  # fmt: skip
        (tmp_path / "e.jsonl").write_text(wrong + "\n")
        with pytest.raises(Malformed):
            out(tmp_path, approach(2), events=tmp_path / "e.jsonl")
    (tmp_path / "e.jsonl").write_text('{"t": 1e300, "subject": "v", "kind": "sos"}\n')
    with pytest.raises(Absurd):
        out(tmp_path, approach(2), events=tmp_path / "e.jsonl")
    (tmp_path / "e.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(Malformed, match="UTF-8"):
        out(tmp_path, approach(2), events=tmp_path / "e.jsonl")
    fixes.write_bytes(b"subject,t,lon,lat\n\xff,1,2,3\n")
    with pytest.raises(Malformed, match="UTF-8"):
        replay(fixes, tmp_path / "o.json", tmp_path / "a.jsonl")


def test_an_empty_recording_is_an_empty_answer(tmp_path: Path) -> None:
    """No rows, no alerts, no failure."""
    assert out(tmp_path, []) == b""


def test_the_command(tmp_path: Path) -> None:
    """On the command line: counts and speed as one JSON object; a problem on standard error and exit 2."""
    fixes, orders = files(tmp_path, approach())
    base = ["replay", "--fixes", str(fixes), "--orders", str(orders), "--out", str(tmp_path / "a.jsonl")]
    done = CliRunner().invoke(app, [*base, "--tail", "400"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["counts"]["A02"], told["fixes"]) == (2, 120)
    assert {"machine", "versions", "date", "configuration", "fixes_per_s"} <= set(told)
    fixes.write_text("subject,t\n")
    failed = CliRunner().invoke(app, base)
    assert failed.exit_code == 2
    assert json.loads(failed.stderr)["code"] == "malformed"
