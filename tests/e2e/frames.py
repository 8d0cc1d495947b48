"""What a page's script costs each frame, from Chromium's own trace. It must never count time the thread was not running:
on a busy machine that is somebody else's.
"""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "devtools.timeline.frame",
    "v8",
    "blink.user_timing",
]
SCRIPT = {
    "EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "RunMicrotasks", "TimerFire", "v8.callFunction",
    "v8.run", "MinorGC", "MajorGC", "V8.GCScavenger", "V8.GC_MARK_COMPACTOR",
}  # fmt: skip
FRAME = "Commit"


def traced(browser: "Browser", page: "Page", seconds: float) -> list[float]:
    """Milliseconds of script before and in each frame the page drew in that time."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.wait_for_timeout(seconds * 1000)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    thread = _thread(events, page.url)
    mine = sorted(
        (one for one in events if (one["pid"], one["tid"]) == thread and one["ph"] == "X" and "tdur" in one),
        key=lambda one: (one["ts"], -one["dur"]),
    )
    frames = sorted(one["ts"] for one in events if (one["pid"], one["tid"]) == thread and one["name"] == FRAME)
    return _gathered(_outermost(mine), frames)


def _thread(events: list[dict[str, Any]], url: str) -> tuple[int, int]:
    """The main thread of the page's process."""
    process = next(
        frame.get("processId") or one["pid"]
        for one in events if one["name"] in {"TracingStartedInBrowser", "FrameCommittedInBrowser"}
        for frame in one["args"]["data"].get("frames", [one["args"]["data"]]) if frame.get("url") == url
    )  # fmt: skip
    return next(
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["pid"] == process and one["args"]["name"] == "CrRendererMain"
    )


def _outermost(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in events:
        if one["name"] in SCRIPT and not (found and one["ts"] < found[-1]["ts"] + found[-1]["dur"]):
            found.append(one)
    return found


def _gathered(scripts: list[dict[str, Any]], frames: list[int]) -> list[float]:
    """Script from one frame's begin to the next's, as thread time."""
    spent = [0.0] * max(0, len(frames) - 1)
    at = 0
    for one in scripts:
        while at + 1 < len(frames) and one["ts"] >= frames[at + 1]:
            at += 1
        if at < len(spent) and one["ts"] >= frames[at]:
            spent[at] += one["tdur"] / 1000
    return spent
