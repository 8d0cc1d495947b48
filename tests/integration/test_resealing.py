"""An installation of before data lay sealed: everything is sealed at its next start, and says what it said."""

from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from sqlalchemy import text

from jikimi.app import resealing
from jikimi.app.resealing import reseal
from jikimi.intake.points import points
from jikimi.ledger.digests import Digester
from jikimi.oversee.agreeing import apart
from jikimi.registry.sealing import SHAPE
from jikimi.registry.sealing import opened as opened_row
from jikimi.registry.service import label_of, order_card, secret_places
from jikimi.respond.facts import opened, recorded
from jikimi.share.policy import ARTICLES, Purpose
from jikimi.share.said import opened as words_of
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import Database
from jikimi.store.embedded import Postgres
from jikimi.store.migrations import migrate
from tests.integration.respond.conftest import SECRET, Site, shared_nats, site
from tests.integration.test_archive import DEVICE, fix
from tests.integration.thief import open_in

__all__ = ["shared_nats", "site"]
OPENED = """
SELECT count(*) FROM (
  SELECT 1 FROM person WHERE label IS NOT NULL UNION ALL SELECT 1 FROM place WHERE lon IS NOT NULL
  UNION ALL SELECT 1 FROM alert WHERE body IS NOT NULL UNION ALL SELECT 1 FROM fix WHERE lon IS NOT NULL
  UNION ALL SELECT 1 FROM protective_order WHERE suspensions <> '[]'
  UNION ALL SELECT 1 FROM feed_message WHERE body ? 'reasons' OR body ? 'text') AS lying
"""


async def as_before(site: Site) -> None:
    """Put the record back into the form it had before anything was sealed."""
    async with site.database.transaction() as connection:
        people = {row.id: label_of(connection, *row) for row in
                  await connection.execute(text("SELECT id, label, sealed FROM person"))}  # fmt: skip
        alerts = {
            row.id: await opened(connection, row.id) for row in await connection.execute(text("SELECT id FROM alert"))
        }
        shelter = (await secret_places(connection))[0]
    for person, label in people.items():
        await site.execute("UPDATE person SET label = :label, sealed = NULL WHERE id = :id", label=label, id=person)
    for alert, found in alerts.items():
        assert found is not None
        await site.execute(
            "UPDATE alert SET body = CAST(:body AS jsonb), opening = :opening, sealed = NULL WHERE id = :id",
            body=found[1].decode(), opening=found[0], id=alert,
        )  # fmt: skip
    for name in ("p1", "m2", "police", "centre"):
        which = f"{'unit' if name[1:].isdigit() else 'room'}:{site.ids[name]}"
        for said in await site.feed(name):
            await site.execute(
                "UPDATE feed_message SET body = CAST(:body AS jsonb), sealed = NULL WHERE feed = :feed AND seq = :seq",
                body=msgspec.json.encode(said["body"]).decode(), feed=which, seq=said["seq"],
            )  # fmt: skip
    await site.execute(
        "UPDATE place SET lon = :lon, lat = :lat, radius_m = 60, sealed = NULL WHERE id = :id",
        lon=shelter.lon, lat=shelter.lat, id=shelter.id,
    )  # fmt: skip
    await site.execute("SELECT open_day('2027-01-15')")
    for n in range(3):
        one = fix(n)
        await site.execute(
            "INSERT INTO fix (received_at, device, t, lon, lat, sigma_m, source, flags, log_seq)"
            " VALUES ('2027-01-15 12:00+00', :device, :t, :lon, :lat, 5, 1, 3, :n)",
            device=UUID(DEVICE), t=one.t, lon=one.lon + n, lat=one.lat, n=n,
        )  # fmt: skip


async def test_what_lay_open_is_sealed_once_and_says_what_it_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, places, alerts with their commitments, messages and positions: sealed in bites, readable as before, none lost."""
    monkeypatch.setattr(resealing, "_BATCH", 2)  # several bites of everything
    await site.take(site.alert())
    said = {name: await site.feed(name) for name in ("p1", "m2", "police", "centre")}
    await as_before(site)
    assert (await site.rows(OPENED))[0]["count"] > 10
    assert await reseal(site.database) > 10
    assert (await site.rows(OPENED))[0]["count"] == 0
    assert {name: await site.feed(name) for name in said} == said
    async with site.database.transaction() as connection:
        alert = (await connection.execute(text("SELECT id FROM alert"))).scalar_one()
        found, whole = await opened(connection, alert), await recorded(connection, alert)
        assert found is not None
        assert whole is not None
        digest = next(row["facts_digest"] for row in await site.ledger() if row["kind"] == "alert.recorded")
        assert Digester(bytes(range(32))).agrees(digest, *found)
        assert [place.lon for place in await secret_places(connection)] == [SECRET[0]]
        assert [one.lon for one in await points(connection, UUID(DEVICE), 0, 9)] == [127.0, 128.0, 129.0]
    await site.execute("UPDATE person SET label = 'later' WHERE id = :id", id=site.ids["he"])
    assert await reseal(site.database) == 0, "it looks once"


WORDS = "EXERCISE 은하수별 살던 곳"
SPOKEN = """
INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, reason, starts_at)
  VALUES (:one, 'given', :police, :he, '{person}', 'TRIAL', 'x', :words, now());
INSERT INTO agreement (id, agency, other, recipient, subject, data, purpose, article, reason, ends_at, proposed_at, proposed_by)
  VALUES (:two, :police, :centre, :centre, :he, '{person}', 'TRIAL', :words, :words, now() + interval '1 day', now(), :he);
INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, starts_at)
  VALUES (:two, 'agreed', :centre, :he, '{person}', 'TRIAL', :words, now());
INSERT INTO destruction (id, agency, person, event, article, data, asked_at, asked_by, inquiry, held_until, held_article)
  VALUES (:three, :police, :he, 'acquitted', 'x', '{provisional}', now(), :he, false, now(), :words);
WITH who AS (INSERT INTO account (id, agency, name, role, secret) VALUES (:four, :police, 'kim', 'dispatcher', '') RETURNING id),
  duty AS (INSERT INTO shift (id, agency, account, starts_at, ends_at, planned_by)
    SELECT :four, :police, id, now(), now() + interval '1 hour', id FROM who RETURNING id, account)
INSERT INTO handover (id, agency, shift, account, incidents, taskings, note, given_at)
  SELECT :four, :police, id, account, ARRAY(SELECT id FROM incident), '{}', :words, now() FROM duty;
UPDATE tasking SET reason = :words; UPDATE delivery SET reason = :words
"""
OF_THEN = """
INSERT INTO agency (id, kind, name) VALUES (%(police)s, 'police', 'p'), (%(centre)s, 'monitoring', 'c');
INSERT INTO person (id, agency) VALUES (%(he)s, %(police)s);
INSERT INTO protective_order (id, police_agency, regime, article, offender, starts_at, radius_m)
  VALUES (%(order)s, %(police)s, 'kr', %(words)s, %(he)s, now(), 100);
INSERT INTO agreement (id, agency, other, recipient, subject, data, purpose, article, reason, ends_at, proposed_at, proposed_by)
  VALUES (%(agreement)s, %(police)s, %(centre)s, %(centre)s, %(he)s, '{person}', 'TRIAL', %(words)s, '', now() + interval '1 day',
    now(), %(he)s);
INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, starts_at)
  VALUES (%(agreement)s, 'agreed', %(centre)s, %(he)s, '{person}', 'TRIAL', %(words)s, now());
INSERT INTO cursor (name, seq) VALUES ('sealed', 2)
"""
SAID = """
SELECT id, sealed, reason AS words FROM access_grant WHERE kind = 'given' UNION ALL SELECT id, sealed, reason FROM agreement
UNION ALL SELECT id, sealed, held_article FROM destruction UNION ALL SELECT id, sealed, note FROM handover
"""


async def test_words_about_somebody_are_sealed_also_where_an_earlier_edition_sealed_the_rest(
    site: Site, custody: Custody, database_url: str
) -> None:
    """Why access was given, under what it is held, and what was written to whoever came: read on until the law ends it."""
    await site.take(site.alert())
    ids = dict(zip(("one", "two", "three", "four"), (uuid4() for _ in range(4)), strict=True))
    named = {name: site.ids[name] for name in ("police", "centre", "he")}
    for statement in SPOKEN.split(";\n"):
        for part in statement.split("; "):
            await site.execute(part, **{k: v for k, v in {**ids, **named, "words": WORDS}.items() if f":{k}" in part})
    await site.execute("INSERT INTO cursor (name, seq) VALUES ('sealed', 1)")
    stretch = f'[{{"start": 1.0, "end": 2.0, "reason": "{WORDS}"}}]'
    for table, owner, fields in (("place", "order", SHAPE), ("protective_order", "id", ("suspensions",))):
        for row in await site.rows(f"SELECT * FROM {table}"):
            async with site.database.transaction() as connection:
                plain = opened_row(connection, table, row)
            about = table.encode() + row["id"].bytes
            of_before = custody.seal(
                Kind.ORDER, row[owner], msgspec.json.encode({name: plain[name] for name in fields}), about
            )
            await site.execute(
                f"UPDATE {table} SET sealed = :sealed, schedule = CAST(:stretch AS jsonb) WHERE id = :id",
                sealed=of_before, stretch=stretch, id=row["id"],
            )  # fmt: skip
    await site.execute("UPDATE protective_order SET article = :words", words=WORDS)
    async with site.database.transaction() as connection:
        before = await secret_places(connection)
    assert await reseal(site.database) >= 4
    assert (
        await site.rows(
            "SELECT 1 FROM tasking WHERE reason IS NOT NULL UNION SELECT 1 FROM delivery WHERE reason IS NOT NULL"
        )
        == []
    )

    assert open_in(database_url, [WORDS]) == set()
    async with site.database.transaction() as connection:
        assert await secret_places(connection) == before
        for table in ("place", "protective_order"):
            for row in await site.rows(f"SELECT * FROM {table}"):
                assert opened_row(connection, table, row)["schedule"][0]["reason"] == WORDS
        card = await order_card(connection, site.ids["order"])
        assert card is not None
        assert card.article == WORDS

    async def read() -> list[tuple[bool, str]]:
        rows = await site.rows(SAID)
        async with site.database.transaction() as connection:
            return [(bool(row["words"]), words_of(connection, row["id"], row["sealed"])) for row in rows]

    assert await read() == [(False, WORDS)] * 4
    assert await reseal(site.database) == 0
    for whose in (site.ids["he"], site.ids["order"]):
        custody.destroy(Kind.ORDER, whose, 1.0)
    assert await read() == [(False, "")] * 4


async def test_articles_typed_before_they_were_sealed_are_left_open_nowhere(
    postgres: Postgres, custody: Custody
) -> None:
    """Of a database of then, brought up to date and started: an order's and an agreement's article lie sealed, and are read."""
    name = f"t{uuid4().hex}"
    url = f"{postgres.url.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    migrate(url, "0015")
    ids = {who: uuid4() for who in ("police", "centre", "he", "order", "agreement")}
    with psycopg.connect(url, autocommit=True) as record:
        for statement in OF_THEN.split(";\n"):
            record.execute(statement, {**ids, "words": WORDS})
    migrate(url)
    database = Database(url, "service", custody=custody)
    try:
        assert open_in(url, [WORDS]) == {"access_grant.article", "agreement.article", "protective_order.article"}
        assert await reseal(database) == 3
        assert open_in(url, [WORDS]) == set()
        async with database.transaction() as connection:
            card = await order_card(connection, ids["order"])
            found = (await connection.execute(text("SELECT id, named, article FROM agreement"))).one()
            given = (await connection.execute(text("SELECT article FROM access_grant WHERE kind = 'agreed'"))).scalar()
            assert card is not None
            assert (card.article, words_of(connection, apart(found.id), found.named)) == (WORDS, WORDS)
            assert found.article == given == ARTICLES[Purpose.TRIAL]
        custody.destroy(Kind.ORDER, ids["order"], 1.0)
        async with database.transaction() as connection:
            card = await order_card(connection, ids["order"])
            assert card is not None
            assert card.article == ""
    finally:
        await database.close()
        with psycopg.connect(postgres.url, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
