"""The statutory register of uses of received data, drawn from the access register. It must never hold another use than its law
names: checking that a ban is kept (31조의8제2항제2호) is on our register and not on this one (시행령 23조의17②).
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Malformed, NotFound
from jikimi.oversee.forms import Form, Usage
from jikimi.oversee.sheet import Said, Sheet, Table, minute
from jikimi.registry.service import label_of
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require

LONGEST_S: Final = 3 * 366 * 86400.0
"""The register is kept three years; one print goes no further."""
MOST: Final = 10_000
# Whose data it was: the person named, or the offender of the incident or the order named.
_USES: Final = text("""
SELECT r.id, CAST(extract(epoch FROM r.at) AS float8) AS at, r.account, r.purpose, r.article, r.what, w.person,
  p.label, p.sealed, g.name AS agency, a.name, a.role
FROM access_register r
CROSS JOIN LATERAL (SELECT c.person FROM carry c WHERE c.basis = ANY(CAST(:bases AS text[])) AND c.since <= r.at
  AND (c.until IS NULL OR c.until > r.at) AND c.person::text IN (
    r.subject, (SELECT i.offender::text FROM incident i WHERE i.id::text = r.subject),
    (SELECT o.offender::text FROM protective_order o WHERE o.id::text = r.subject)) LIMIT 1) w
JOIN agency g ON g.id = r.agency LEFT JOIN account a ON a.id = r.account LEFT JOIN person p ON p.id = w.person
WHERE r.allowed AND r.subject <> '' AND r.purpose = ANY(CAST(:purposes AS text[])) AND r.at >= :since AND r.at < :until
ORDER BY r.at, r.id LIMIT :most
""")
_WHAT: Final = {
    "person": Said("인적 기록", "the file"), "person_search": Said("찾기", "a search"),
    "glass": Said("긴급 열람", "an emergency opening"),
    "live_positions": Said("실시간 위치", "live positions"), "incident": Said("사건", "the incident"),
    "order_card": Said("명령", "the order"),
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


async def entries(desk: Desk, actor: Actor, law: Usage, form: str, span: Span) -> tuple[Form, list[dict[str, Any]]]:
    """The register's entries in their order. Raises Forbidden, NotFound for an unknown form, Malformed for a wrong span."""
    rule = require(actor, Action.READ_REGISTER)
    meant = law.forms.get(form)
    if meant is None:
        raise NotFound(f"form is one of {', '.join(law.forms)}.")
    if not 0 < span.until - span.since <= LONGEST_S:
        raise Malformed("until: it is later than from, by at most three years.", field="until")
    async with desk.service.transaction() as connection:
        await register.record(
            connection, desk.clock, actor, rule.action, rule.purpose, rule.article, "statutory_register", None
        )
    wanted = {
        "bases": list(meant.bases), "purposes": list(meant.uses), "since": moment(span.since),
        "until": moment(span.until), "most": MOST,
    }  # fmt: skip
    async with desk.people.transaction(actor.agency, actor.account) as connection:
        found = [dict(row) for row in (await connection.execute(_USES, wanted)).mappings()]
        for row in found:
            row["wearer"] = label_of(connection, row["person"], row.pop("label"), row.pop("sealed"))
    return meant, found


async def printed(desk: Desk, actor: Actor, law: Usage, form: str, span: Span, offset_s: int) -> Sheet:
    """The register as a paper; raises as :func:`entries` does."""
    meant, found = await entries(desk, actor, law, form, span)
    said = f"{minute(span.since, offset_s)} ~ {minute(span.until, offset_s)}"
    rows = [_row(number, one, meant, offset_s) for number, one in enumerate(found, 1)]
    none = Said("이 기간에 사용한 사실이 없습니다.", "There was no use in this period.")
    return Sheet(Said(meant.ko, meant.en), [
        Said(f"서식: {meant.form}", f"Form: {meant.form}"), Said(f"근거: {meant.article}", f"Under {meant.article}"),
        Said(f"기간: {said}", f"Period: {said}"), Table(Said("사용 내역", "Uses"), _HEADS, rows, none, (0, 1, 7)),
        Said(f"모두 {len(found)}건", f"{len(found)} in all"),
    ])  # fmt: skip


def _row(number: int, one: dict[str, Any], form: Form, offset_s: int) -> list[str | Said]:
    use = form.uses[one["purpose"]]
    who = " · ".join(part for part in (one["agency"], one["role"], one["name"]) if part)
    return [
        str(number), minute(one["at"], offset_s), who, one["wearer"] or str(one["person"]),
        Said(f"제{use.number}호 {use.ko}", f"{use.number}: {use.en}"), one["article"], _WHAT.get(one["what"], one["what"]),
        str(one["id"]),
    ]  # fmt: skip
