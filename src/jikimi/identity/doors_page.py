"""What a door looks like: a code for a phone's camera, and a page with one button. It must never load anything."""

import html
import ipaddress
import socket
from base64 import b64encode
from io import BytesIO
from typing import Final

import segno

from jikimi.identity.model import Role
from jikimi.identity.plain_page import plain_page

NAMES: Final = {
    Role.DISPATCHER: ("112 control room", "112치안종합상황실"),
    Role.MONITOR: ("monitoring centre", "위치추적 관제센터"),
    Role.POLICE_OFFICER: ("patrol officer", "순찰 경찰관"),
    Role.PROBATION_OFFICER: ("probation officer", "보호관찰관"),
}
_BODY: Final = """<h1>{ko}<br>{en}</h1>
<form method="post"><button autofocus>들어가기 · Enter</button></form>"""


def page(role: Role) -> str:
    """A page whose only button goes through the door: a scanner that merely looks must not use it up."""
    english, korean = NAMES[role]
    return plain_page(_BODY.format(en=html.escape(english), ko=html.escape(korean)), exercise=True)


def qr(address: str) -> str:
    """The address as a QR code, an SVG in a data URL."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=4, border=4, light="#fff")
    return "data:image/svg+xml;base64," + b64encode(drawn.getvalue()).decode()


def is_loopback(host: str) -> bool:
    """Whether a name or address means the machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def reachable(host: str) -> str:
    """How another machine reaches what listens at ``host``; a loopback address stays one."""
    if is_loopback(host) or host not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened at
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation's own address: nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
