"""A ledger in months, each a log and a tree of its own. None may ever begin without saying how the one before it ended.

A month's first row names the log before it with that one's last size and root: a checkpoint of one month is one of all
months before it, and a month taken out is missed by the next. Rows are numbered through all months without a gap.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from jikimi.kernel.clock import moment
from jikimi.ledger.checkpoint import Checkpoint, is_log_of
from jikimi.ledger.fields import OPENED
from jikimi.ledger.merkle import WIDTH, Hash
from jikimi.ledger.rows import Row

_MARK: Final = f'"kind":"{OPENED}"'


@dataclass(frozen=True, slots=True)
class Opening:
    """What a month's first row says: its ``log``, the rows of all months before it, and the last of these; None: none."""

    log: str
    before: int
    previous: Checkpoint | None

    def row(self, at: float, offset_s: int) -> Row:
        """The row the sealer writes at ``at``; ``offset_s`` as for ``log_at``."""
        start = datetime.strptime(self.log.rpartition("/")[2], "%Y-%m").replace(tzinfo=_zone(offset_s))
        said = {
            "log": self.log,
            "rows_before": self.before,
            "starts_at": start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "previous_log": self.previous.origin if self.previous else None,
            "size": self.previous.size if self.previous else None,
            "digest": self.previous.root.hex() if self.previous else None,
        }
        return Row(at, OPENED, said)

    def cannot_follow(self, last: Checkpoint | None, rows: int, site: str) -> str | None:
        """Why it cannot stand after so many rows of that site, ``last`` their last checkpoint, in words; None: it can."""
        if (self.previous, self.before) != (last, rows):
            said, stands = _ended(self.previous, self.before), _ended(last, rows)
            return f"opens {self.log} after {said}, and what went before is {stands}: a month is missing or is another one."
        if self.log <= (last.origin if last else site) or not is_log_of(self.log, site):
            return f"opens {self.log}, which cannot follow {last.origin if last else site}."
        return None

    @staticmethod
    def of(body: str) -> "Opening | None":
        """What a row's text says if it opens a month, None for any other; raises ValueError for what no sealer wrote."""
        if not opens(body):
            return None
        match json.loads(body):
            case {"log": str(log), "rows_before": int(before), "previous_log": None, "size": None, "digest": None}:
                return Opening(log, before, None)
            case {"log": str(log), "rows_before": int(before), "previous_log": str(name), "size": int(size), **rest}:
                root = bytes.fromhex(str(rest.get("digest")))
                if len(root) == WIDTH:
                    return Opening(log, before, Checkpoint(name, size, Hash(root)))
        raise ValueError("it opens a month as no ledger does")


def opens(body: str) -> bool:
    """Whether a row's text is a month's first; within a value, a quote is never without its backslash."""
    return _MARK in body


def log_at(site: str, at: float, offset_s: int) -> str:
    """The log that is kept at ``at`` in Unix seconds, where clocks stand ``offset_s`` seconds ahead of UTC."""
    return f"{site}/{moment(at).astimezone(_zone(offset_s)):%Y-%m}"


def _ended(last: Checkpoint | None, rows: int) -> str:
    """Where a month ended, and after how many rows of all."""
    return f"{rows} rows to {last.origin}, {last.size} rows with root {last.root.hex()[:16]}" if last else "nothing"


def _zone(offset_s: int) -> timezone:
    return timezone(timedelta(seconds=offset_s))
