"""A map style of the installation's own."""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.running import Jikimi
from tests.acceptance.town import enter
from tests.e2e.walking import approach

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from tests.e2e.browser import screen

STYLE = {
    "version": 8, "glyphs": "http://127.0.0.1:9/{fontstack}/{range}.pbf", "sources": {},
    "layers": [{"id": "ground", "type": "background", "paint": {"background-color": "#cfe3cf"}}],
}  # fmt: skip


class Maps(BaseHTTPRequestHandler):
    """Another host that serves one style."""

    def do_GET(self) -> None:
        """The style, to whoever asks."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(json.dumps(STYLE).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def maps() -> Iterator[str]:
    """The style's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Maps)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_style_of_ones_own_is_drawn_and_nothing_else_is_asked(browser: "Browser", maps: str) -> None:
    """JIKIMI_MAP_STYLE is drawn beneath people, its host alone is asked, and no label of ours waits for its glyphs."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-style-", dir="/tmp"))
    folder.chmod(0o711)
    jikimi = Jikimi(folder, extra={"JIKIMI_MAP_STYLE": f"{maps}/style.json"})
    try:
        jikimi.start()
        town = enter(jikimi)
        room = screen(browser, jikimi.url, korean=False)
        room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
        with approach(jikimi, town, 0, first=0.003):
            room.page.locator(".c-row").first.wait_for()
            room.page.wait_for_selector(".j-map[data-ready=true]")
            time.sleep(3)
            room.picture("console-own-style-en-day")
        others = [
            one
            for one in room.asked
            if not one.startswith((jikimi.url, jikimi.url.replace("http", "ws"), "blob:", "data:"))
        ]
        assert others
        assert set(others) == {f"{maps}/style.json"}
        assert [text for text in room.said if "status of 401" not in text] == []
        room.page.context.close()
    finally:
        jikimi.stop()
        shutil.rmtree(folder, ignore_errors=True)
