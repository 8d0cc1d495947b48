"""The statutory register of uses of received data, drawn from the access register. It must never hold another use than its law
names: checking that a ban is kept (31조의8제2항제2호) is on our register and not on this one (시행령 23조의17②); nor a name of
anybody: whoever it is given to reads pseudonyms.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Malformed, NotFound
from jikimi.oversee.forms import Form, Usage
from jikimi.oversee.pseudonyms import REGISTER, Pseudonyms
from jikimi.oversee.sheet import Said, Sheet, Table, minute
from jikimi.registry.fields import EARLIEST, LATEST
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require

LONGEST_S: Final = 3 * 366 * 86400.0
"""The register is kept three years; one print goes no further."""
MOST: Final = 10_000
# Whose data it was: the person named, or the offender of the incident or the order named; of a list each whom it named.
_USES: Final = text("""
SELECT r.id, CAST(extract(epoch FROM r.at) AS float8) AS at, r.account, r.purpose, r.article, r.what, w.person,
  g.name AS agency, a.role
FROM access_register r
CROSS JOIN LATERAL (SELECT ARRAY(SELECT ids_of_list(r.named)) AS ids) l
CROSS JOIN LATERAL (SELECT DISTINCT c.person FROM carry c WHERE c.basis = ANY(CAST(:bases AS text[])) AND c.since <= r.at
  AND (c.until IS NULL OR c.until > r.at) AND (c.person::text IN (
    r.subject, (SELECT i.offender::text FROM incident i WHERE i.id::text = r.subject),
    (SELECT n.offender::text FROM protective_order o CROSS JOIN LATERAL order_parties(o.id) n WHERE o.id::text = r.subject))
  OR c.person = ANY (l.ids || ARRAY(SELECT i.offender FROM incident i WHERE i.id = ANY (l.ids))))) w
JOIN agency g ON g.id = r.agency LEFT JOIN account a ON a.id = r.account
WHERE r.allowed AND (r.subject <> '' OR r.named IS NOT NULL) AND r.purpose = ANY(CAST(:purposes AS text[]))
  AND r.at >= :since AND r.at < :until
ORDER BY r.at, r.id, w.person LIMIT :most
""")
_WHAT: Final = {
    "person": Said("인적 기록", "the file"), "person_search": Said("찾기", "a search"),
    "glass": Said("긴급 열람", "an emergency opening"),
    "live_positions": Said("실시간 위치", "live positions"), "incident": Said("사건", "the incident"),
    "order_card": Said("명령", "the order"), "people": Said("인적 기록 목록", "a list of files"),
    "orders": Said("명령 목록", "a list of orders"), "incidents": Said("사건 목록", "a list of incidents"),
    "overview": Said("사건 현황", "the overview of incidents"),
}  # fmt: skip
_HEADS: Final = (
    Said("번호", "No."), Said("사용일시", "When"), Said("사용자", "User"), Said("대상자", "Wearer"), Said("사용 목적", "Use"),
    Said("근거 조문", "Article"), Said("사용 내용", "What"), Said("봉인 기록 번호", "Ledger row"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """[since, until), Unix seconds."""

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A register as it was drawn: its form, its entries, and the number of this one statement of it."""

    form: Form
    entries: list[dict[str, Any]]
    statement: UUID


async def entries(desk: Desk, actor: Actor, law: Usage, form: str, span: Span) -> Drawn:
    """The register's entries in their order. Raises Forbidden, NotFound for an unknown form, Malformed for a wrong span."""
    rule = require(actor, Action.READ_REGISTER)
    meant = law.forms.get(form)
    if meant is None:
        raise NotFound(f"form is one of {', '.join(law.forms)}.")
    if not (EARLIEST <= span.since < span.until <= LATEST and span.until - span.since <= LONGEST_S):
        raise Malformed("until: it is later than from, by at most three years.", field="until")
    async with desk.service.transaction() as connection:
        statement = await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, REGISTER, None
        )
    wanted = {
        "bases": list(meant.bases), "purposes": list(meant.uses), "since": moment(span.since),
        "until": moment(span.until), "most": MOST,
    }  # fmt: skip
    async with desk.people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        found = [dict(row) for row in (await connection.execute(_USES, wanted)).mappings()]
    return Drawn(meant, found, statement)


async def printed(
    desk: Desk, actor: Actor, law: Usage, form: str, span: Span, offset_s: int, names: Pseudonyms
) -> Sheet:  # fmt: skip
    """The register as a paper that names nobody; raises as :func:`entries` does."""
    drawn = await entries(desk, actor, law, form, span)
    meant, found = drawn.form, drawn.entries
    said = f"{minute(span.since, offset_s)} ~ {minute(span.until, offset_s)}"
    rows = [_row(number, one, drawn, names, offset_s) for number, one in enumerate(found, 1)]
    none = Said("이 기간에 사용한 사실이 없습니다.", "There was no use in this period.")
    return Sheet(Said(meant.ko, meant.en), [
        Said(f"서식: {meant.form}", f"Form: {meant.form}"), Said(f"근거: {meant.article}", f"Under {meant.article}"),
        Said(f"기간: {said}", f"Period: {said}"), Said(f"문서 번호: {drawn.statement}", f"Statement: {drawn.statement}"), _NAMELESS,
        Table(Said("사용 내역", "Uses"), _HEADS, rows, none, (0, 1, 7)),
        Said(f"모두 {len(found)}건", f"{len(found)} in all"),
    ])  # fmt: skip


_NAMELESS: Final = Said(
    "사용자와 대상자는 이 문서에서만 쓰는 가명으로 적었습니다. "
    "누구인지는 이 문서를 낸 기관의 개인정보 보호책임자가 문서 번호로 확인합니다.",
    "Users and wearers stand here under names that are this statement's alone. The privacy officer of the agency that gave it "
    "finds by its number who they are.",
)  # fmt: skip


def _row(number: int, one: dict[str, Any], drawn: Drawn, names: Pseudonyms, offset_s: int) -> list[str | Said]:
    use = drawn.form.uses[one["purpose"]]
    who = " · ".join(part for part in (one["agency"], one["role"], names.of(drawn.statement, one["account"])) if part)
    return [
        str(number), minute(one["at"], offset_s), who, names.of(drawn.statement, one["person"]),
        Said(f"제{use.number}호 {use.ko}", f"{use.number}: {use.en}"), one["article"], _WHAT.get(one["what"], one["what"]),
        str(one["id"]),
    ]  # fmt: skip
