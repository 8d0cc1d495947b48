"""A terminal's socket, heard and left. It must never let what a terminal says end anybody's line but its own."""

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState


async def part(socket: WebSocket, code: int, why: str) -> None:
    """Close it, where that has not happened yet."""
    if socket.application_state is WebSocketState.CONNECTED:
        await socket.close(code, why)


async def heard(socket: WebSocket) -> object:
    """What a terminal said; None for what is no JSON, whichever kind of frame it came in. Raises WebSocketDisconnect."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1000)
    try:
        return msgspec.json.decode(message.get("text") or message.get("bytes") or b"null")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
