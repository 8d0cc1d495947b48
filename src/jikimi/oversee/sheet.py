"""A page that prints well and needs nothing else: Korean above, English below. It must never hold unescaped text, a script, or
anything from elsewhere.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Final

_STYLE: Final = (
    "@page{size:A4;margin:16mm}"
    "body{font:12pt/1.5 'Pretendard Variable',Pretendard,'Noto Sans KR','Malgun Gothic',sans-serif;color:#000;background:#fff;"
    "margin:0 auto;padding:16px;max-width:1100px}"
    "h1{font-size:18pt;margin:0}h2{font-size:13pt;margin:18px 0 6px}p{margin:4px 0}.en{color:#333}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:700}"
    "th,td{border:1px solid #555;padding:4px 6px;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "thead{display:table-header-group}tr{break-inside:avoid}.id{font-family:monospace}"
    "@media print{body{padding:0;font-size:9pt}.wide{overflow:visible}}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What such a page may load: nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in both languages."""

    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; each cell is text, or Said for what stands in both languages."""

    title: Said
    heads: Sequence[Said]
    rows: Sequence[Sequence[str | Said]]
    none: Said


Part = Said | Table


def sheet(title: Said, parts: Iterable[Part]) -> str:
    """The whole page."""
    body = "".join(_table(part) if isinstance(part, Table) else _both("p", part) for part in parts)
    return (
        f'<!doctype html><html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title.ko)}</title><style>{_STYLE}</style></head><body><main>{_both('h1', title, 'p')}{body}</main>"
        "</body></html>\n"
    )


def day(at: float, offset_s: int) -> str:
    """A day of the installation's calendar."""
    return _local(at, offset_s).strftime("%Y-%m-%d")


def minute(at: float, offset_s: int) -> str:
    """The same with the time to the second."""
    return _local(at, offset_s).strftime("%Y-%m-%d %H:%M:%S")


def _local(at: float, offset_s: int) -> datetime:
    return datetime.fromtimestamp(at, UTC) + timedelta(seconds=offset_s)


def _both(tag: str, said: Said, below: str | None = None) -> str:
    lower = below or tag
    return f'<{tag}>{escape(said.ko)}</{tag}><{lower} class="en" lang="en">{escape(said.en)}</{lower}>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_inline(one)}</th>' for one in table.heads)
    rows = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    if not table.rows:
        return _both("h2", table.title, "p") + _both("p", table.none)
    return (
        f'{_both("h2", table.title, "p")}<div class="wide" tabindex="0" role="region" aria-label="{escape(table.title.ko)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _inline(cell: str | Said) -> str:
    if isinstance(cell, str):
        return escape(cell)
    return f'{escape(cell.ko)}<br><span class="en" lang="en">{escape(cell.en)}</span>'
