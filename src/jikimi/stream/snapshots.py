"""A detector's state, saved whole. A snapshot is a cache: it must never be the only place that knows something."""

import base64
import hashlib
import json
import zlib

import msgspec
from nats.aio.client import Client

from jikimi.kernel.errors import Unavailable
from jikimi.stream import names
from jikimi.stream.client import api, append

_CHUNK = 4 * 1024 * 1024


class Snapshot(msgspec.Struct, frozen=True):
    """Where a saved state stands: the last sequence of the log it contains, and the code and rules that made it."""

    seq: int
    version: str
    digest: str
    chunks: list[int]


async def save(client: Client, who: str, seq: int, version: str, state: bytes) -> None:
    """Keep ``state`` as it was after ``seq``; the manifest goes last, so a torn save is no snapshot."""
    packed = zlib.compress(state, 1)
    chunks = [
        await append(client, f"{names.SNAPSHOTS}.{who}.chunk", packed[at : at + _CHUNK])
        for at in range(0, len(packed), _CHUNK)
    ]
    manifest = Snapshot(seq, version, hashlib.sha256(state).hexdigest(), chunks)
    await append(client, f"{names.SNAPSHOTS}.{who}.manifest", msgspec.json.encode(manifest))


async def load(client: Client, who: str, version: str) -> tuple[int, bytes] | None:
    """(sequence, state) of the newest snapshot made by the same ``version``; None where there is none to trust."""
    try:
        manifest = msgspec.json.decode(
            await _message(client, last_by_subj=f"{names.SNAPSHOTS}.{who}.manifest"), type=Snapshot
        )
        if manifest.version != version:
            return None
        packed = b"".join([await _message(client, seq=chunk) for chunk in manifest.chunks])
    except Unavailable as missing:
        if missing.extra.get("err_code") == _NO_MESSAGE:
            return None
        raise
    state = zlib.decompress(packed)
    return (manifest.seq, state) if hashlib.sha256(state).hexdigest() == manifest.digest else None


async def saved(client: Client) -> dict[str, int]:
    """By detector: the last sequence of the log its newest saved state contains; of the state itself nothing is read."""
    manifests = f"{names.SNAPSHOTS}.*.manifest"
    info = await api(client, f"STREAM.INFO.{names.SNAPSHOTS}", {"subjects_filter": manifests})
    found = {}
    for subject in info["state"].get("subjects") or {}:
        answer = await client.request(f"$JS.API.DIRECT.GET.{names.SNAPSHOTS}.{subject}", b"", timeout=5)
        if not (answer.headers and answer.headers.get("Status")):  # else it aged out meanwhile
            found[subject.split(".")[1]] = msgspec.json.decode(answer.data, type=Snapshot).seq
    return found


_NO_MESSAGE = 10037


async def _message(client: Client, **which: str | int) -> bytes:
    answer = await api(client, f"STREAM.MSG.GET.{names.SNAPSHOTS}", json.loads(json.dumps(which)))
    return base64.b64decode(answer["message"]["data"])
