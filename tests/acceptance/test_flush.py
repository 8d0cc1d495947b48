"""Store, acknowledge, decide: in this order, seen by the kernel."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town

CALLS = "read,write,writev,pwrite64,fsync,fdatasync"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not on this machine; `make tools` installs it")
def test_no_acknowledgement_before_its_flush(jikimi: Jikimi, town: Town, tmp_path: Path) -> None:
    """The log's file is written and flushed before the gateway's 200 leaves, for every one of twenty fixes."""
    pids, trace = jikimi.pids(), tmp_path / "trace"
    lon, lat = town.place(4)
    for _ in range(50):
        if jikimi.osmand("V4", town.keys["V4"], lon, lat) == 200:
            break
        time.sleep(0.1)
    command = ["strace", "-f", "-ttt", "-y", "-s", "24", "-e", f"trace={CALLS}", "-o", str(trace)]
    tracing = subprocess.Popen([*command, "-p", str(pids["nats"]), "-p", str(pids["intake"])], stderr=subprocess.PIPE)
    try:
        time.sleep(1.5)
        if tracing.poll() is not None:
            pytest.skip("strace may not look at processes here")
        with socket.create_connection(("127.0.0.1", jikimi.intake_port)) as line:
            for number in range(20):
                body = f'{{"device":"V4","t":{time.time():.3f},"lon":{lon + number * 1e-6:.6f},"lat":{lat}}}'.encode()
                head = f"Host: x\r\nAuthorization: Bearer {town.keys['V4']}\r\nContent-Length: {len(body)}\r\n\r\n"
                line.sendall(b"POST /v1/fixes HTTP/1.1\r\n" + head.encode() + body)
                said = b""
                while not said.endswith(b"}"):
                    said += line.recv(4096)
                assert said.startswith(b"HTTP/1.1 200")
        time.sleep(0.3)
    finally:
        tracing.terminate()
        tracing.communicate()
    assert in_order(trace.read_text()) == 20


def in_order(trace: str) -> int:
    """How many requests were read, then flushed to the facts' file, then answered; fails when one was not."""
    asked = flushed = False
    begun: set[str] = set()
    answered = 0
    for line in trace.splitlines():
        thread = line.split()[0]
        if '"POST /v1/fixes' in line:
            asked, flushed = True, False
        elif re.search(r"f(data)?sync\(\d+<[^>]*/streams/facts/", line):
            flushed = flushed or line.rstrip().endswith("= 0")
            begun |= {thread} if "unfinished" in line else set()
        elif "sync resumed>" in line and thread in begun:
            begun.discard(thread)
            flushed = flushed or line.rstrip().endswith("= 0")
        elif '"HTTP/1.1 200' in line and asked:
            assert flushed, line
            answered, asked = answered + 1, False
    return answered
