"""`jikimi decode`: what a recorded frame says, line by line. It must never stop at a frame it cannot read."""

import sys
from pathlib import Path
from typing import Annotated, Any, TextIO

import msgspec
import typer

from jikimi.intake.protocols import Decoded, HttpFrame, osmand, owntracks

PROTOCOLS = {"osmand": osmand.decode, "owntracks": owntracks.decode}


class Line(msgspec.Struct):
    """One recorded frame; other keys of the recording are passed over."""

    stream: str | int | None = None
    seq: int | None = None
    frame_hex: str | None = None
    frame_text: str | None = None
    http_method: str | None = None
    http_uri: str | None = None
    http_headers: dict[str, str] | None = None


_reader = msgspec.json.Decoder(Line)


def command(
    protocol: Annotated[str, typer.Argument(help=f"One of: {', '.join(PROTOCOLS)}.")],
    file: Annotated[Path | None, typer.Argument(help="JSON lines; standard input without it.")] = None,
) -> None:
    """Decode recorded frames of a protocol: JSON lines in, JSON lines out."""
    if protocol not in PROTOCOLS:
        raise typer.BadParameter(f"no protocol {protocol!r}; there are {', '.join(PROTOCOLS)}")
    if file is None:
        decode_lines(protocol, sys.stdin, sys.stdout)
        return
    with file.open(encoding="utf-8") as lines:
        decode_lines(protocol, lines, sys.stdout)


def decode_lines(protocol: str, lines: TextIO, out: TextIO) -> None:
    """One output line for every input line that is not empty, in order."""
    for text in lines:
        if text.strip():
            out.write(msgspec.json.encode(decode_line(protocol, text)).decode() + "\n")


def decode_line(protocol: str, text: str) -> dict[str, Any]:
    """What one recorded line says; ``error`` is set where it cannot be read."""
    try:
        line = _reader.decode(text)
        body = bytes.fromhex(line.frame_hex) if line.frame_hex else (line.frame_text or "").encode()
    except (msgspec.DecodeError, ValueError) as error:
        return _told(None, None, Decoded(error=f"unreadable line: {error}"))
    if line.http_uri is None:
        return _told(line.stream, line.seq, Decoded(error=f"{protocol} travels over HTTP; http_uri is missing"))
    headers = {name.lower(): value for name, value in (line.http_headers or {}).items()}
    frame = HttpFrame(line.http_method or "GET", line.http_uri, headers, body)
    return _told(line.stream, line.seq, PROTOCOLS[protocol](frame))


def _told(stream: str | int | None, seq: int | None, said: Decoded) -> dict[str, Any]:
    return {
        "stream": stream,
        "seq": seq,
        "device_ids": said.device_ids,
        "session_id": said.session_id,
        "fixes": [
            {
                "t": one.t, "lon": one.lon, "lat": one.lat, "valid": one.valid, "speed_mps": one.speed_mps,
                "course_deg": one.course_deg, "altitude_m": one.altitude_m, "accuracy_m": one.accuracy_m,
            }
            for one in said.positions
        ],
        "alarms": sorted(set(said.alarms)),
        "battery_pct": said.battery_pct,
        "reply_hex": None if said.reply is None else said.reply.hex(),
        "reply_status": said.reply_status,
        "error": said.error,
    }  # fmt: skip
