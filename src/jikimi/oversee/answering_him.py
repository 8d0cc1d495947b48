"""The answer to a respondent's request for access (개인정보 보호법 35조). It must never depend on anybody whom an order protects.

It holds his own data, and who used it in uses that nothing near her brings about. That anything is withheld is said to
everybody in the same words, so that the words say nothing. No time is told at which somebody responded.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor
from jikimi.kernel.errors import NotFound
from jikimi.oversee.forms import OwnData
from jikimi.oversee.sheet import Said, Sheet, Table, day
from jikimi.registry import sealing
from jikimi.registry.sealing import Found
from jikimi.registry.service import refuse_own
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require

_NONE: Final = "No person of your own files has this id."
_PERSON: Final = text("SELECT id, agency, label, sealed FROM person WHERE id = :id")
_ORDERS: Final = text("""
SELECT o.id, o.article, o.sealed, CAST(extract(epoch FROM o.starts_at) AS float8) AS since,
  CAST(extract(epoch FROM o.ends_at) AS float8) AS until, CAST(extract(epoch FROM o.ended_at) AS float8) AS ended
FROM protective_order o WHERE o.offender = :id
""")
# Carried as a tag, by a law that is about him: what he may carry by his own consent is a victim's, and no matter of this answer.
_WORN: Final = text("""
SELECT c.basis, g.name AS agency, CAST(extract(epoch FROM c.since) AS float8) AS since,
  CAST(extract(epoch FROM c.until) AS float8) AS until
FROM carry c JOIN agency g ON g.id = c.agency WHERE c.person = :id AND c.basis <> 'consent' ORDER BY c.since, g.name, c.basis
""")
_DAYS: Final = text("""
SELECT to_char(to_timestamp(f.t) + :offset_s * interval '1 second', 'YYYY-MM') AS month
FROM fix f JOIN carry c ON c.device = f.device AND c.person = f.whose AND c.since <= to_timestamp(f.t)
  AND (c.until IS NULL OR c.until > to_timestamp(f.t))
WHERE f.whose = :id AND c.basis <> 'consent' GROUP BY 1 ORDER BY 1
""")
_USES: Final = text("""
SELECT DISTINCT g.name AS agency, r.purpose, r.article,
  CAST(floor((extract(epoch FROM r.at) + :offset_s) / 86400) * 86400 - :offset_s AS float8) AS at
FROM access_register r JOIN agency g ON g.id = r.agency
WHERE (r.subject = :whom OR r.named IN (SELECT digest FROM access_named WHERE ids @> ARRAY[CAST(:id AS uuid)]))
  AND r.allowed AND r.purpose = ANY(CAST(:purposes AS text[])) ORDER BY 4, 1, 2
""")
_BASES: Final = {
    "supervision": Said("전자장치 부착 등에 관한 법률 제16조", "Electronic Monitoring Act, article 16"),
    "provisional": Said("전자장치 부착 등에 관한 법률 제31조의8", "Electronic Monitoring Act, article 31-8"),
}  # fmt: skip
_PURPOSES: Final = {
    "INVESTIGATION_COURT": Said("법원 허가 수사", "investigation permitted by a court"), "TRIAL": Said("재판", "trial"),
    "EXTENSION_CLAIM": Said("연장·변경·취소 청구", "claim to extend, change or cancel"),
    "VIOLATION_OFFENCE": Said("조치 위반죄의 수사·재판", "investigation or trial of breaking a measure"),
}  # fmt: skip
_FORMER: Final = {
    "telephone": Said("이전 전화번호", "Former telephone"), "identifier": Said("이전 식별번호", "Former number"),
}  # fmt: skip
_OTHER: Final = Said("그 밖의 목적", "another purpose")
_TO_COME: Final = Said("계속", "still")
_AGENCY, _ARTICLE = Said("기관", "Agency"), Said("근거 조문", "Article")
_FROM, _UNTIL = Said("부터", "From"), Said("까지", "Until")


async def printed(desk: Desk, actor: Actor, law: OwnData, person: UUID, offset_s: int) -> Sheet:
    """The whole answer; raises Forbidden, NotFound (also for one's own case)."""
    rule = require(actor, Action.ANSWER_PERSON)
    async with desk.service.transaction() as connection:
        found = (await connection.execute(_PERSON, {"id": person})).mappings().one_or_none()
        if found is None or found["agency"] != actor.agency:
            raise NotFound(_NONE)
        await refuse_own(connection, actor, [person], _NONE)
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "access_answered", person
        )
        asked = {"id": person, "whom": str(person), "offset_s": offset_s, "purposes": list(law.uses)}
        read = {name: await _read(connection, statement, asked) for name, statement in _READ.items()}
        read["orders"] = _orders(connection, read["orders"])
        file = sealing.opened(connection, "person", found)
    answered = day(desk.clock.unix(), offset_s)
    return Sheet(Said("개인정보 열람 청구에 대한 회답", "Answer to a request for access to personal data"), [
        Said(law.article, f"Under {law.article}"), Said(f"회답한 날: {answered}", f"Answered on {answered}"),
        *_own(file, read, offset_s), *_withheld(law),
    ])  # fmt: skip


_READ: Final = {"orders": _ORDERS, "worn": _WORN, "months": _DAYS, "uses": _USES}


async def _read(connection: AsyncConnection, statement: Any, asked: dict[str, Any]) -> list[Found]:
    names = statement.compile().params
    return list((await connection.execute(statement, {name: asked[name] for name in names})).mappings())


def _orders(connection: AsyncConnection, rows: list[Found]) -> list[Found]:
    """Each once that reads the same: how many people are protected from him is no matter of this answer."""
    told = {
        (row["since"], sealing.article_of(connection, row["id"], row["article"], row["sealed"]), row["until"], row["ended"])
        for row in rows
    }  # fmt: skip
    names, ordered = ("since", "article", "until", "ended"), sorted(told, key=lambda one: [(x is None, x) for x in one])
    return [dict(zip(names, one, strict=True)) for one in ordered]


def _own(file: dict[str, Any], read: dict[str, list[Found]], offset_s: int) -> list[Said | Table]:
    def until(at: float | None) -> str | Said:
        return _TO_COME if at is None else day(at, offset_s)

    def rows(name: str, cells: Callable[[Found], list[str | Said]]) -> list[list[str | Said]]:
        return [cells(one) for one in read[name]]

    named: list[list[str | Said]] = [[Said("인적 기록의 이름", "Name of the file"), str(file["label"])]]
    named += [[Said("식별번호", "Number"), str(file["identifier"])]] if file.get("identifier") else []
    named += [[Said("전화번호", "Telephone"), str(one)] for one in file.get("telephones") or []]
    named += [[_FORMER[kind], str(one)] for kind, one in file.get("former") or []]
    orders = rows(
        "orders", lambda one: [one["article"] or "—", day(one["since"], offset_s), until(one["ended"] or one["until"])]
    )
    worn = rows(
        "worn", lambda one: [_BASES[one["basis"]], one["agency"], day(one["since"], offset_s), until(one["until"])]
    )
    uses = rows(
        "uses",
        lambda one: [day(one["at"], offset_s), one["agency"], _PURPOSES.get(one["purpose"], _OTHER), one["article"]],
    )
    months = rows("months", lambda one: [str(one["month"])])
    return [
        Table(Said("인적 사항", "Who you are to us"), (Said("항목", "Item"), Said("내용", "What")), named, _NOTHING),
        Table(Said("귀하에 대한 명령", "Orders against you"), (_ARTICLE, _FROM, _UNTIL), orders, _NOTHING),
        Table(Said("부착한 전자장치", "Devices you wore"), (Said("근거 법률", "Law"), _AGENCY, _FROM, _UNTIL), worn, _NOTHING),
        Table(
            Said("위치를 보관하는 달", "Months whose positions of yours are kept"), (Said("달", "Month"),), months, _NOTHING
        ),
        Table(
            Said("귀하의 자료를 사용한 기관", "Who used your data"),
            (Said("날", "Day"), _AGENCY, Said("목적", "Purpose"), _ARTICLE), uses, _NOTHING,
        ),
        Said(
            "전자장치를 부착한 동안 위 기관이 감독을 위하여 위치를 계속 사용합니다.",
            "While a device is worn, the agency above uses the positions for supervision all the time.",
        ),
    ]  # fmt: skip


_NOTHING: Final = Said("없습니다.", "None.")


def _withheld(law: OwnData) -> list[Said | Table]:
    lines = zip(law.withheld["ko"], law.withheld["en"], strict=True)
    return [
        Said(f"열람의 제한: {law.refusal}", f"What is withheld: {law.refusal}"),
        *(Said(ko, en) for ko, en in lines),
    ]
