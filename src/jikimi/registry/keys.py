"""Devices' keys as the gateway is to know them. It must never let it keep what a device sends without anybody's yes.

A device that was last on somebody by consent, and is on nobody now, is answered as ever and nothing of it is kept.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.intake.devices import DeviceKey
from jikimi.kernel.clock import moment
from jikimi.registry import publishing

_KEYS: Final = text("""
SELECT d.id, d.external_id, d.key_digest, d.kind, d.interval_s, d.revoked_at IS NOT NULL AS revoked,
  coalesce((SELECT c.basis FROM carry c WHERE c.device = d.id ORDER BY c.since DESC, c.id LIMIT 1) = 'consent', false)
  AND NOT EXISTS (SELECT FROM carry c WHERE c.device = d.id AND (c.until IS NULL OR c.until > :now)) AS unkept
FROM device d WHERE CAST(:devices AS uuid[]) IS NULL OR d.id = ANY(CAST(:devices AS uuid[])) ORDER BY d.id
""")


async def device_keys(connection: AsyncConnection, devices: Collection[UUID] | None, now: float) -> list[DeviceKey]:
    """The keys of these devices, or of all (None), as of ``now``; publish them whenever it changes who wears them."""
    asked = {"devices": None if devices is None else list(devices), "now": moment(now)}
    found = (await connection.execute(_KEYS, asked)).mappings()
    return [publishing.device_key(dict(row), revoked=row["revoked"], unkept=row["unkept"]) for row in found]
