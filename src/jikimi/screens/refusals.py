"""What a browser shows where a program would read problem+json: what happened and what to do next, in Korean and English.
It must never repeat what was asked or typed, nor say more than the problem does.
"""

from http import HTTPStatus
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse

from jikimi.identity.plain_page import HEADERS, plain_page


class _Words(NamedTuple):
    """What happened and what to do, in Korean and English, and the link that does it: its address and its label."""

    ko: str
    ko_next: str
    en: str
    en_next: str
    href: str = "/"
    label: str = "첫 화면 · First page"


_SIGN_IN: Final = ("/sign-in", "로그인 · Sign in")
_OF: Final = {
    "door-gone": _Words(
        "이미 사용되었거나 기한이 지난 출입문입니다.", "출입문 화면을 다시 여십시오. 새 문과 새 QR 코드가 있습니다.",
        "This door has been used or is too old.", "Open the page of doors again: it shows a new door and a new code.",
        "/", "출입문 · Doors",
    ),
    "not-found": _Words(
        "이 주소에는 아무것도 없습니다.", "주소를 확인하거나 첫 화면에서 다시 시작하십시오.",
        "There is nothing at this address.", "Check the address, or begin again at the first page.",
    ),
    "unauthenticated": _Words(
        "로그인하지 않았거나 세션이 끝났습니다.", "다시 로그인하십시오.",
        "Nobody is signed in here, or the session has ended.", "Sign in again.", *_SIGN_IN,
    ),
    "forbidden": _Words(
        "이 화면에서는 허용되지 않습니다.", "다른 역할로 로그인하거나 권한을 정하는 담당자에게 문의하십시오.",
        "This is not permitted here.", "Sign in with another role, or ask whoever assigns roles at your agency.", *_SIGN_IN,
    ),
    "too-many": _Words(
        "요청이 너무 많습니다.", "잠시 기다린 뒤 다시 시도하십시오.",
        "Too many requests.", "Wait a moment and try again.",
    ),
    "unavailable": _Words(
        "기록 저장소가 응답하지 않습니다. 바뀐 것은 없습니다.", "잠시 뒤 다시 시도하십시오.",
        "The record does not answer; nothing was changed.", "Try again in a moment.",
    ),
}  # fmt: skip
_BROKEN: Final = _Words(
    "서버에서 문제가 생겼습니다.", "잠시 뒤 다시 시도하고, 계속되면 관리자에게 알리십시오.",
    "Something went wrong here.", "Try again in a moment; if it stays, tell whoever runs this installation.",
)  # fmt: skip
_UNFIT: Final = _Words(
    "요청을 처리할 수 없습니다.", "앞 화면으로 돌아가 다시 시도하십시오.",
    "This request cannot be taken.", "Go back and try again.",
)  # fmt: skip
_BODY: Final = """<h1 lang="ko">{ko}</h1><p lang="ko">{ko_next}</p>
<h2 lang="en">{en}</h2><p lang="en">{en_next}</p>
<a class="go" href="{href}">{label}</a>"""


def for_a_person(request: Request) -> bool:
    """Whether a browser asks for a page; programs and our own scripts ask for anything."""
    return "text/html" in request.headers.get("accept", "")


def refusal(request: Request, code: str, status: int) -> HTMLResponse:
    """The page of a refusal, its status kept."""
    otherwise = _BROKEN if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _UNFIT
    body = _BODY.format(**_OF.get(code, otherwise)._asdict())
    exercise = bool(getattr(request.app.state, "exercise", False))
    return HTMLResponse(plain_page(body, exercise=exercise), status, headers={**HEADERS, "Vary": "Accept"})
