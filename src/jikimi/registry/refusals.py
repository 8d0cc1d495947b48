"""The database's own refusals as errors that name the entry. It must never pass on the database's words."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from psycopg.errors import Error as DriverError
from sqlalchemy.exc import IntegrityError

from jikimi.kernel.errors import Conflict

_SENTENCES: Final = {
    "carry_device_tstzrange_excl": "the device is already carried at that time",
    "device_external_id_key": "there is a device of that external_id",
    "account_name_key": "there is an account of that name",
}
_ELSE: Final = "it contradicts what is entered already"
_DETAIL: Final = re.compile(r"\)=\(([^,)]*)")


@contextmanager
def told(
    named: str = "", rows: Sequence[dict[str, Any]] = (), column: str = "", indexes: Sequence[int] = ()
) -> Iterator[None]:
    """Turn a broken constraint into Conflict, and name the entry: the ``rows`` whose ``column`` is in the way.

    ``indexes`` are the rows' places in the document's list ``named``.
    """
    try:
        yield
    except IntegrityError as error:
        raise _conflict(error, named, rows, column, indexes) from None


def _conflict(
    error: IntegrityError, named: str, rows: Sequence[dict[str, Any]], column: str, indexes: Sequence[int]
) -> Conflict:
    cause = error.orig
    diagnosis = cause.diag if isinstance(cause, DriverError) else None
    sentence = _SENTENCES.get((diagnosis.constraint_name or "") if diagnosis else "", _ELSE)
    match = _DETAIL.search((diagnosis.message_detail or "") if diagnosis else "")
    culprit = match.group(1) if match else None
    # The later of two that contradict each other within one document is the one to correct.
    found = [at for at, row in zip(indexes, rows, strict=True) if culprit is not None and str(row[column]) == culprit]
    if not found:
        return Conflict(f"{sentence[0].upper()}{sentence[1:]}.", list=named or None)
    index = found[-1]
    return Conflict(f"{named}.{index}: {sentence}.", list=named, index=index)
