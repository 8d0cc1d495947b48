"""What the law has registers and answers hold, as dated data. It must never hold a form of its own."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A use of received data by its number in the article."""

    number: str
    ko: str
    en: str


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statutory register: its title, form and article, of devices worn by which law, and the uses it holds by purpose."""

    ko: str
    en: str
    form: str
    article: str
    bases: tuple[str, ...]
    uses: Mapping[str, Use]


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition of the statutory registers, by number of their form."""

    version: str
    effective_from: str
    forms: Mapping[str, Form]


class OwnData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition of the answer to a request for access: which uses it names, and what it withholds from everybody alike."""

    version: str
    effective_from: str
    article: str
    refusal: str
    uses: tuple[str, ...]
    withheld: Mapping[str, tuple[str, ...]]


@cache
def usage(regime: str) -> Usage:
    """The packaged edition of a regime; raises FileNotFoundError for a regime nobody wrote."""
    return msgspec.json.decode(_text(regime, "usage.json"), type=Usage)


@cache
def own_data(regime: str) -> OwnData:
    """The same of the answer to a request for access."""
    return msgspec.json.decode(_text(regime, "own_data.json"), type=OwnData)


def _text(regime: str, name: str) -> bytes:
    return files("jikimi.registry.regimes").joinpath(regime, name).read_bytes()
