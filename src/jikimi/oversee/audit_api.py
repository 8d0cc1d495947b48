"""The ledger for whoever audits it, over HTTP. It must never say that something holds which was not recomputed."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from jikimi.identity.api import SignedInActor
from jikimi.oversee import auditing
from jikimi.oversee.schemas import Sent
from jikimi.share.api import AtDesk

router = APIRouter(prefix="/api/ledger", tags=["access"])

Note = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=65536)]
Key = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=512)]


class VerificationIn(Sent):
    """What another party kept, and the public keys of witnesses who must have signed it."""

    checkpoint: Note | None = None
    witnesses: Annotated[list[Key], Field(max_length=16, default_factory=list)]


class CheckpointOut(BaseModel):
    """The last signed checkpoint: over so many rows, when (Unix seconds), by which key, and the note itself."""

    size: int
    at: float
    key: str
    note: str


class LedgerOut(BaseModel):
    """Where the ledger stands, and how many rows wait for the next checkpoint."""

    checkpoint: CheckpointOut | None
    waiting: int


class WitnessOut(BaseModel):
    """Who else signed a checkpoint over the first ``rows``, when by their clock (Unix seconds)."""

    name: str
    rows: int
    at: int


class BreakOut(BaseModel):
    """Something that does not hold: the verifier's sentence, and the first and last row it can be."""

    sentence: str
    row: int | None
    through: int | None


class VerificationOut(BaseModel):
    """What was found. ``anchored_rows``: so many are vouched for by what another party kept; null: nothing was given."""

    ok: bool
    key: str
    size: int
    root: str
    months: int
    checkpoints: int
    anchored_rows: int | None
    first_row: int | None
    witnesses: list[WitnessOut]
    strangers: list[str]
    breaks: list[BreakOut]


@router.get("")
async def read_ledger(actor: SignedInActor, desk: AtDesk) -> LedgerOut:
    """The last checkpoint, to hand to another party."""
    return LedgerOut.model_validate(await auditing.stands(desk, actor))


@router.post("/verification")
async def verify_ledger(actor: SignedInActor, desk: AtDesk, given: VerificationIn) -> VerificationOut:
    """Verify every row from the first, against what another party kept if it is given."""
    report = await auditing.verified(desk, actor, given.checkpoint, given.witnesses)
    return VerificationOut.model_validate(
        {
            **{name: getattr(report, name) for name in (
                "ok", "key", "size", "root", "checkpoints", "anchored_rows", "first_row", "strangers",
            )},
            "months": len(report.months),
            "witnesses": [{"name": one.name, "rows": one.rows, "at": one.at} for one in report.witnesses],
            "breaks": [{"sentence": one.sentence, "row": one.row, "through": one.through} for one in report.breaks],
        }
    )  # fmt: skip
