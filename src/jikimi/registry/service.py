"""The registry's use cases, all that other rooms call. It must never be gone around to reach the registry's tables."""

from jikimi.registry.amending import amend
from jikimi.registry.anew import Anew, anew, settled
from jikimi.registry.anew import retire as retire_numbers
from jikimi.registry.destroying import Resting, blank, owners, resting, stands
from jikimi.registry.devices import move_carry, revoke_device
from jikimi.registry.importing import import_document
from jikimi.registry.jurisdictions import all_jurisdictions, import_jurisdictions, locate
from jikimi.registry.matching import alone, alone_at_once, may_enter
from jikimi.registry.model import Loaded, Source
from jikimi.registry.orders import change_order, end_order
from jikimi.registry.protected import ENDED, Guarding, called_back, guarding, speaks_for, taken_off, worn, worn_since
from jikimi.registry.reading import Desk, all_units, list_orders, list_people, list_units
from jikimi.registry.responding import card_of_person, order_card, orders_in_force, secret_places, told_places
from jikimi.registry.sealing import article_of, label_of
from jikimi.registry.secret import shows
from jikimi.registry.ties import refuse_own, ties_of, ties_of_units
from jikimi.registry.units import report_own_position, report_position, set_status

__all__ = [
    "ENDED",
    "Anew",
    "Desk",
    "Guarding",
    "Loaded",
    "Resting",
    "Source",
    "all_jurisdictions",
    "all_units",
    "alone",
    "alone_at_once",
    "amend",
    "anew",
    "article_of",
    "blank",
    "called_back",
    "card_of_person",
    "change_order",
    "end_order",
    "guarding",
    "import_document",
    "import_jurisdictions",
    "label_of",
    "list_orders",
    "list_people",
    "list_units",
    "locate",
    "may_enter",
    "move_carry",
    "order_card",
    "orders_in_force",
    "owners",
    "refuse_own",
    "report_own_position",
    "report_position",
    "resting",
    "retire_numbers",
    "revoke_device",
    "secret_places",
    "set_status",
    "settled",
    "shows",
    "speaks_for",
    "stands",
    "taken_off",
    "ties_of",
    "ties_of_units",
    "told_places",
    "worn",
    "worn_since",
]
