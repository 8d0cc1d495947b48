"""What an order or a notice says of who and where somebody is, left out for whoever may not follow them. It must never leave in
what the place could be found from, nor the id of whom its reader may not know any more.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from jikimi.respond.veil import PLAIN

_PARTIES: Final = ("offender", "victim")
PARTIES: Final = ("offender_id", "victim_id")
"""Where a message names them."""
WORDS: Final = {"log_entry": "text", "tasking_state": "reason"}
"""By kind of message: what of it somebody wrote, and may say where a party is."""
_MEASURES: Final = ("distance_m", "sigma_m", "time_to_contact_s", "offender_age_s", "victim_age_s")


def without_whereabouts(body: Mapping[str, Any], followed: Iterable[str]) -> dict[str, Any]:
    """An order's or a notice's body as whoever follows only these may read it."""
    known = set(followed)
    hidden = [party for party in _PARTIES if (one := body.get(f"{party}_id")) and str(one) not in known]
    if not hidden:
        return dict(body)
    ids = [f"{party}_id" for party in hidden]
    told = dict(body) | dict.fromkeys(name for name in (*hidden, *ids, *_MEASURES) if name in body)
    if isinstance(body.get("reason"), dict):
        told["reason"] = {name: said for name, said in body["reason"].items() if name in PLAIN}
    if "reasons" in body:
        told["reasons"] = {}
    if "sent" in body:
        told["sent"] = [{**one, "reasons": {}} for one in body["sent"]]
    return told


def without_words(kind: str, body: Mapping[str, Any], followed: Iterable[str]) -> dict[str, Any]:
    """What somebody wrote (``WORDS``), as whoever follows only these may read it: whole, or not at all."""
    named, known = {body[party] for party in PARTIES if body.get(party)}, set(followed)
    if named and named <= known:
        return dict(body)
    return dict(body) | dict.fromkeys([WORDS[kind], *(party for party in PARTIES if body.get(party) not in known)])
