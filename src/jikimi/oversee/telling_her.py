"""Who looked at her file, told to her. It must never name a member of staff, nor be told of a man whom an order is against.

Whoever stands beside her, or finds the paper, must not learn from it that she called: looks are told by day, in their order
by agency, and those at an incident only once it has been closed for a month. When somebody looked at the respondent's file
says when something fired near her; his own answer is another (:mod:`jikimi.oversee.answering_him`).
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.errors import Conflict, NotFound
from jikimi.oversee.sheet import Said, Sheet, Table, day, minute
from jikimi.registry.service import refuse_own
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require

MOST: Final = 5000
_DAY_S: Final = 86400.0
_NONE: Final = "No person of your own files has this id."
_KEPT: Final = text("SELECT agency FROM person WHERE id = :id")
_RESPONDENT: Final = text("SELECT EXISTS (SELECT FROM protective_order WHERE offender = :id)")
# A list that named her is one look a day of whoever read it, however often an open page asked for it again.
_LOOKS: Final = text("""
WITH hers AS (SELECT CAST(:id AS uuid) AS id UNION SELECT id FROM protective_order WHERE victim = :id
  UNION SELECT id FROM incident WHERE victim = :id AND closed_at < to_timestamp(:quiet)),
looks AS (
  SELECT id, account, agency, purpose, article, what, allowed, at FROM access_register
  WHERE subject IN (SELECT CAST(id AS text) FROM hers)
  UNION ALL
  SELECT DISTINCT ON (account, agency, purpose, article, what, floor((extract(epoch FROM at) + :offset_s) / 86400))
    id, account, agency, purpose, article, what, allowed, at FROM access_register
  WHERE named IN (SELECT digest FROM access_named WHERE ids && ARRAY(SELECT id FROM hers)))
SELECT g.name AS agency, a.role, r.purpose, r.article, r.what, r.allowed, CAST(extract(epoch FROM r.at) AS float8) AS at
FROM looks r JOIN agency g ON g.id = r.agency LEFT JOIN account a ON a.id = r.account
ORDER BY date_trunc('day', r.at) DESC, g.name, a.role, r.purpose, r.id LIMIT :most
""")
_ROLES: Final = {
    "registrar": Said("등록 담당자", "registrar"), "dispatcher": Said("112상황실", "112 room"),
    "monitor": Said("위치추적 관제센터", "monitoring centre"), "police_officer": Said("출동 경찰관", "police officer"),
    "probation_officer": Said("보호관찰관", "probation officer"),
    "reviewer": Said("개인정보 보호책임자", "privacy officer"), "supporter": Said("지원 기관", "support unit"),
}  # fmt: skip
_PURPOSES: Final = {
    "SUPERVISION": Said("감독과 등록", "supervision and registration"),
    "APPROACH_RESPONSE": Said("접근 대응", "response to an approach"),
    "JOINT_RESPONSE": Said("공동대응", "joint response"), "SUPPORT": Said("피해자 지원", "support"),
    "ACCESS_REVIEW": Said("접근 심사", "review of access"), "COMPLIANCE_CHECK": Said("준수 확인", "check of compliance"),
    "VICTIM_NOTICE": Said("피해자 통지", "notice to you"), "TRIAL": Said("재판", "trial"),
    "INVESTIGATION_COURT": Said("수사", "investigation"), "INVESTIGATION_EMERGENCY": Said("긴급 열람", "an emergency"),
    "EXTENSION_CLAIM": Said("연장 청구", "a claim to extend"),
    "VIOLATION_OFFENCE": Said("조치 위반죄의 수사·재판", "an offence of breaking a measure"),
}  # fmt: skip
_HEADS: Final = (
    Said("날짜", "Day"), Said("기관", "Agency"), Said("역할", "Role"), Said("목적", "Purpose"), Said("근거 조문", "Article"),
    Said("허용", "Allowed"),
)  # fmt: skip


async def looks(desk: Desk, actor: Actor, person: UUID, offset_s: int, quiet_s: float) -> list[dict[str, Any]]:
    """Looks at her file, orders and incidents, in lists too, by local day, newest first; raises Forbidden, NotFound, Conflict.

    ``quiet_s``: how long an incident has been closed before looks at it are told.
    """
    rule = require(actor, Action.ANSWER_PERSON)
    async with desk.service.transaction() as connection:
        if (await connection.execute(_KEPT, {"id": person})).scalar() != actor.agency:
            raise NotFound(_NONE)
        await refuse_own(connection, actor, [person], _NONE)
        if (await connection.execute(_RESPONDENT, {"id": person})).scalar_one():
            raise Conflict("An order is against this person: print the answer to a request for access instead.")
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "looks_told", person
        )
        asked = {"id": person, "most": MOST, "quiet": desk.clock.unix() - quiet_s, "offset_s": offset_s}
        rows = [dict(row) for row in (await connection.execute(_LOOKS, asked)).mappings()]
    return [{**row, "at": row["at"] - (row["at"] + offset_s) % _DAY_S} for row in rows]


async def printed(desk: Desk, actor: Actor, person: UUID, offset_s: int, quiet_s: float) -> Sheet:
    """The same as a paper for her to take along."""
    found = await looks(desk, actor, person, offset_s, quiet_s)
    rows = [
        [
            day(one["at"], offset_s), one["agency"], _ROLES.get(one["role"], Said("그 밖의 역할", "another role")),
            _PURPOSES.get(one["purpose"], Said("그 밖의 목적", "another purpose")), one["article"],
            Said("예", "yes") if one["allowed"] else Said("아니요, 거부됨", "no, refused"),
        ]
        for one in found
    ]  # fmt: skip
    now = minute(desk.clock.unix(), offset_s)
    present = Said(
        "본인이 있는 자리에서 알려 드립니다. 직원의 이름은 적지 않습니다.",
        "Told with you present, without names of staff.",
    )
    return Sheet(Said("내 기록을 누가 보았는가", "Who looked at my file"), [
        present, Said(f"알린 날: {now}", f"Told on {now}"),
        Table(Said("열람", "Looks"), _HEADS, rows, Said("아무도 보지 않았습니다.", "Nobody has looked."), (0,)),
    ])  # fmt: skip
