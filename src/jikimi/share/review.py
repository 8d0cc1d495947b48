"""Who looked, for those who look after it. It must never be read without being on the register itself.

Browsing shows in what the register holds: many people in an hour, one by one or in lists, tries refused, one's own case, glass
broken often. Whom a look of one's own staff met, and the agency neither keeps nor ever had access to, it does not say.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, purpose_of, require
from jikimi.share.rules import AccessRules

MOST: Final = 500
# An import or a search names nobody in one row and whom it met in others, for their keepers: their number would tell as well.
_ROWS: Final = text("""
SELECT id, CAST(extract(epoch FROM at) AS float8) AS at, account, agency, purpose, article, action, what, whom AS subject, allowed
FROM (SELECT r.*, u.unheard, CASE WHEN u.unheard THEN '' ELSE r.subject END AS whom
  FROM access_register r CROSS JOIN LATERAL (SELECT unheard_of(r.subject) AS unheard) u) looked
WHERE NOT (unheard AND what IN ('registry_import', 'person_search'))
  AND (CAST(:subject AS text) IS NULL OR whom = :subject OR named IN (SELECT lists_naming(CAST(:subject AS text))))
  AND (CAST(:account AS uuid) IS NULL OR account = :account)
  AND (CAST(:before AS uuid) IS NULL OR id < :before)
ORDER BY id DESC LIMIT :limit
""")
_UNUSUAL: Final = text("""
SELECT account, agency, kind, count(*) AS count, CAST(extract(epoch FROM max(at)) AS float8) AS last FROM (
  SELECT account, agency, at, CASE WHEN what = 'own_case' THEN 'own-case' WHEN what = 'glass' THEN 'glass'
    WHEN NOT allowed THEN 'refused' ELSE replace(what, '_', '-') END AS kind
  FROM access_register WHERE at > now() - interval '1 day'
    AND (what IN ('own_case', 'glass', 'account_ended', 'account_restored') OR NOT allowed)
) found GROUP BY account, agency, kind HAVING kind <> 'glass' OR count(*) > :glasses
UNION ALL
SELECT account, agency, 'many-people', max(people), CAST(extract(epoch FROM max(last)) AS float8) FROM (
  SELECT account, agency, hour, count(DISTINCT whom) AS people, max(last) AS last FROM (
    SELECT account, agency, date_trunc('hour', at) AS hour, subject AS whom, max(at) AS last
    FROM access_register WHERE at > now() - interval '1 day' AND subject <> '' AND NOT unheard_of(subject) GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT account, agency, hour, CAST(p.id AS text), last FROM (
      SELECT account, agency, date_trunc('hour', at) AS hour, array_agg(DISTINCT named) AS lists, max(at) AS last
      FROM access_register WHERE at > now() - interval '1 day' AND named IS NOT NULL AND agency = current_agency()
      GROUP BY 1, 2, 3) listed CROSS JOIN LATERAL people_of_lists(lists) AS p (id)
  ) seen GROUP BY 1, 2, 3
) hours WHERE people > :subjects GROUP BY account, agency
ORDER BY 5 DESC
""")


async def looks(
    desk: Desk, actor: Actor, *, subject: UUID | None, account: UUID | None, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """The register's rows of one's own staff and on one's own files, newest first, before the id ``before``."""
    await _noted(desk, actor, "register", subject)
    wanted = {"subject": subject and str(subject), "account": account, "before": before, "limit": limit}
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        return [dict(row) for row in (await connection.execute(_ROWS, wanted)).mappings()]


async def unusual(desk: Desk, actor: Actor, rules: AccessRules) -> list[dict[str, Any]]:
    """Accounts whose last day looks like browsing, by what shows it, and who ended or brought back accounts."""
    await _noted(desk, actor, "unusual", None)
    limits = {"glasses": rules.glasses_a_day, "subjects": rules.subjects_an_hour}
    async with desk.people.transaction(actor.agency, actor.account, purpose_of(actor)) as connection:
        return [dict(row) for row in (await connection.execute(_UNUSUAL, limits)).mappings()]


async def _noted(desk: Desk, actor: Actor, what: str, subject: UUID | None) -> None:
    rule = require(actor, Action.READ_REGISTER)
    async with desk.service.transaction() as connection:
        await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, what, subject)
