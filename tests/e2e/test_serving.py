"""How the screens are served: to themselves, whole, in pieces, or with a sentence."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from jikimi.app.desk import application
from jikimi.kernel.errors import Misconfigured
from jikimi.screens import serving
from jikimi.settings import Settings


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """A desk whose built screens are three small files."""
    monkeypatch.setattr(serving, "built", lambda: tmp_path)
    (tmp_path / "assets").mkdir()
    (tmp_path / "map").mkdir()
    (tmp_path / "assets" / "a.js").write_text("1")
    (tmp_path / "map" / "korea.pmtiles").write_bytes(bytes(range(100)))
    (tmp_path / "secret.txt").write_text("no")
    (tmp_path / "index.html").write_text('<meta name="csp-nonce" content="__NONCE__">')
    return application()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as asking:
        yield asking


async def test_a_page_may_load_from_here_alone(client: httpx.AsyncClient) -> None:
    """Scripts, fonts, pictures and words come from this installation; nothing frames it; each answer has its own nonce."""
    first, second = await client.get("/console"), await client.get("/console")
    policy = first.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert nonce in first.text
    assert "__NONCE__" not in first.text
    assert first.text != second.text
    assert first.headers["cache-control"] == "no-store"


async def test_a_map_style_of_ones_own_opens_its_host_and_no_other(client: httpx.AsyncClient, app: FastAPI) -> None:
    """JIKIMI_MAP_STYLE is the one address a page may ask besides ours; anything but an address is refused at the start."""
    style = "https://maps.example.go.kr/style.json?x=1"
    app.state.map_style = Settings.read({"JIKIMI_MAP_STYLE": style}).map_style
    policy = (await client.get("/")).headers["content-security-policy"]
    assert policy.count("https://maps.example.go.kr") == 2
    assert "script-src 'self';" in policy
    assert (await client.get("/api/site")).json()["map_style"] == style
    for wrong in ("javascript:alert(1)", "https://x; script-src *", "file:///etc/passwd", "maps"):
        with pytest.raises(Misconfigured):
            Settings.read({"JIKIMI_MAP_STYLE": wrong})


async def test_the_map_is_read_in_pieces(client: httpx.AsyncClient) -> None:
    """A range of the tiles is answered with that range."""
    piece = await client.get("/map/korea.pmtiles", headers={"Range": "bytes=10-19"})
    assert piece.status_code == 206
    assert piece.content == bytes(range(10, 20))


async def test_nothing_beside_the_screens_is_served(client: httpx.AsyncClient) -> None:
    """A path that climbs out finds nothing."""
    for path in (
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/map/..%2fsecret.txt",
        "/secret.txt",
        "/assets/",
    ):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get("/assets/a.js")).headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_no_answer_of_the_api_is_kept(client: httpx.AsyncClient) -> None:
    """What the API says is stored by nobody on the way, a refusal neither."""
    for path in ("/api/site", "/api/overview", "/api/nowhere"):
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_without_the_screens_a_page_says_so(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """An installation whose screens were never built says what to do, in both languages."""
    (tmp_path / "index.html").unlink()
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "make screens" in answer.text
    assert "만들어지지 않았습니다" in answer.text


async def test_an_exercise_says_so_before_anybody_signs_in(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Whoever opens a rehearsal's first page knows that it is one."""
    said = (await client.get("/api/site")).json()
    assert (said["exercise"], said["pace"]) == (False, None)
    app.state.exercise, app.state.pace = True, 1.0
    said = (await client.get("/api/site")).json()
    assert (said["exercise"], said["pace"]) == (True, 1.0)
