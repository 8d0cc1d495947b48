"""An alert in one sentence, Korean and English. It must never say more than the alert holds, nor call a guess a proof."""

from collections.abc import Mapping
from typing import Final

from jikimi.detect.decisions import Alert, Known

_WHAT: Final[Mapping[str, tuple[str, str]]] = {
    "ring": ("the two came within {radius} of each other", "두 사람이 {radius} 안으로 가까워졌다"),
    "approaching": ("an approach within {radius} was confirmed by two fixes", "{radius} 안에서 접근이 두 위치로 확인되었다"),
    "time-to-contact": ("they meet in {contact} if both go on", "이대로면 {contact} 뒤에 만난다"),
    "between-fixes": ("their ways crossed within {radius} between two fixes", "두 위치 사이에 {radius} 안을 지났다"),
    "renewed": ("they are within {radius} again, after a gap or some time", "공백 또는 시간이 지난 뒤 다시 {radius} 안이다"),
    "already-inside": ("when this began to count they were within {radius}", "효력이 시작될 때 이미 {radius} 안이었다"),
    "glimpse": ("a late or unproven fix puts them within {radius}", "늦거나 입증되지 않은 위치로는 {radius} 안이다"),
    "suspect": ("one of two sources puts them within {radius}", "두 출처 가운데 하나로는 {radius} 안이다"),
    "suspect-near": ("one impossible jump puts one beside the other", "있을 수 없는 이동 한 번이 곁을 가리킨다"),
    "impossible-motion": ("two fixes agree on a way nobody can have gone", "있을 수 없는 이동을 두 위치가 가리킨다"),
    "late-place": ("fixes that came late show him inside a place he is banned from", "늦게 온 위치가 금지된 장소 안을 보인다"),
    "two-sources": ("two devices at two places claim to be one person", "두 곳의 두 장치가 한 사람이라고 한다"),
    "settled-breach": ("settled fixes prove them within {radius}", "확정된 위치들이 {radius} 안을 증명한다"),
    "settled-place": ("settled fixes prove him inside the place", "확정된 위치들이 장소 안을 증명한다"),
    "settled-area": ("settled fixes prove him outside the area he must stay in",
                     "확정된 위치들이 머물러야 할 지역 밖을 증명한다"),
    "late-area": ("fixes that came late show him outside the area he must stay in",
                  "늦게 온 위치가 머물러야 할 지역 밖을 보인다"),
    "late-breach": ("fixes that came late show them within {radius}", "늦게 온 위치가 {radius} 안을 보인다"),
    "place-notice": ("he is near a place he is banned from", "금지된 장소 가까이에 있다"),
    "place-entered": ("he is inside a place he is banned from", "금지된 장소 안에 있다"),
    "place-with-her": ("he is inside a place he is banned from, and she is close by", "금지된 장소 안에 있고 피해자도 가까이 있다"),
    "place-crossed": ("his way led through a place he is banned from", "금지된 장소를 지나갔다"),
    "victim-silent-near": ("her device is silent, and he is near, coming or lost",
                           "피해자 장치가 끊겼고, 상대가 가깝거나 오고 있거나 위치를 모른다"),
    "victim-silent": ("her device is silent; {away}", "피해자 장치가 끊겼고 {away}"),
    "communication-lost": ("his device is silent", "대상자 장치의 통신이 끊겼다"),
    "location-lost": ("the device speaks and has no position", "장치는 통신하나 위치가 없다"),
    "late-uncompared": ("fixes older than all that is kept could not be compared", "보관 기간보다 오래된 위치라 비교하지 못했다"),
    "clock-behind": ("the device reports, and always by the same time late", "장치가 보고하지만 항상 같은 시간만큼 늦다"),
    "clock-ahead": ("the device reports, and its clock is {ahead} ahead", "장치가 보고하지만 장치 시계가 {ahead} 빠르다"),
    "location-stuck": ("the device repeats one position while it moves", "장치가 움직이면서 같은 위치만 되풀이한다"),
    "unknown-while-near": ("for all that is known he may be within {radius}", "아는 바로는 {radius} 안일 수 있다"),
    "victim-unknown": ("where she is is not known, and he may be within {radius}",
                       "피해자 위치를 모르며 {radius} 안일 수 있다"),
    "place-unknown": ("for all that is known he may be inside a place he is banned from",
                      "아는 바로는 금지된 장소 안일 수 있다"),
    "duress": ("a duress PIN was entered", "강요 비밀번호가 입력되었다"),
    "call-for-help": ("somebody asks for help", "도움을 요청했다"),
    "tamper-near": ("a device was damaged while the two may be near", "가까울 수 있을 때 장치가 훼손되었다"),
    "tamper-far": ("a device was damaged far from the other party", "멀리서 장치가 훼손되었다"),
    "contact-heard": ("one device heard the other by radio", "한 장치가 다른 장치의 전파를 들었다"),
    "co-moving": ("the two have been moving together", "두 사람이 함께 움직이고 있다"),
    "loitering": ("he came near and stays parked", "가까이 와서 머물고 있다"),
    "repeated-pass": ("he has come near again and again", "거듭 가까이 지나갔다"),
    "battery-critical": ("a device is about to run out of charge", "장치의 배터리가 곧 떨어진다"),
    "device-unavailable": ("a device was switched off or forbidden to locate", "장치가 꺼졌거나 위치 권한이 막혔다"),
    "jamming": ("reception collapsed as jamming does", "전파 방해처럼 수신이 무너졌다"),
    "spoofing": ("the position is contradicted by another source", "위치가 다른 출처와 어긋난다"),
    "shielding": ("reception fell again without movement", "움직임 없이 수신이 거듭 떨어졌다"),
    "tether": ("the wearer and the tracker are apart", "부착장치와 추적장치가 떨어졌다"),
    "curfew": ("he is not where he must be at this hour", "외출제한 시간에 있어야 할 곳에 없다"),
    "left-area": ("he is outside the area he must stay in", "머물러야 할 지역을 벗어났다"),
    "travel-ban": ("he is outside the country or region he must not leave", "떠나면 안 되는 지역을 벗어났다"),
    "corridor-stopped": ("he stopped on the way the court allowed through a zone", "허용된 통로에서 멈추어 머물고 있다"),
    "moved-in-custody": ("he moves although he is said to be held: what was suspended binds again",
                         "구금 중이라는데 움직인다. 정지되었던 명령이 다시 적용된다"),
    "released": ("he was set free", "풀려났다"),
    "next-order": ("they are within {radius}, and another order is broken from now on",
                   "{radius} 안이며 이제 다른 명령도 위반된다"),
    "outage": ("many devices fell silent at once", "많은 장치가 한꺼번에 끊겼다"),
    "ticks-missing": ("our own intake was not accepting for a while", "우리 접수가 한동안 멈췄다"),
    "clock-set-back": ("our own clock was set back", "우리 시계가 되돌려졌다"),
}  # fmt: skip


def rules() -> frozenset[str]:
    """Every rule that has a sentence."""
    return frozenset(_WHAT)


def explain(alert: Alert) -> dict[str, str]:
    """The sentence by language: what, the numbers, how old they are, which rule at which version, what it is worth."""
    reason = alert.reason
    rule = str(reason["rule"])
    english, korean = _WHAT.get(rule, (rule, rule))
    radius, contact = reason.get("radius_m"), alert.time_to_contact_s
    far = {"radius": _metres(radius), "contact": _seconds(contact), "ahead": _seconds(reason.get("ahead_s"))}
    proof = alert.grade == "evidence"
    numbers = [f"d = {_metres(alert.distance_m)} ± {_metres(alert.sigma_m)}"] if alert.distance_m is not None else []
    numbers += [
        f"{name} {float(value):.2f}" for name in ("p", "threshold") if isinstance(value := reason.get(name), float)
    ]
    en, ko = [*numbers, *_ages(alert, "his", "hers", "old")], [*numbers, *_ages(alert, "대상자", "피해자", "전")]
    edition = f"{alert.code}, {rule}, {reason.get('rules')}"
    worth_en = "Evidence grade." if proof else "Possible, not proof."
    worth_ko = "증거 등급." if proof else "가능성이며 증거가 아니다."
    away_en, away_ko = _away(alert)
    told_en = english.format(**far, away=away_en)
    told_ko = korean.format(**{name: value.replace(" s", "초") for name, value in far.items()}, away=away_ko)
    return {
        "ko": f"{told_ko} ({', '.join([*ko, edition])}). {worth_ko}",
        "en": f"{told_en[0].upper()}{told_en[1:]} ({', '.join([*en, edition])}). {worth_en}",
    }


def _away(alert: Alert) -> tuple[str, str]:
    """How far he was last and whether he was coming, in the row's own numbers."""
    if alert.distance_m is None:
        return "how far away he is is not known", "상대와의 거리는 알 수 없다"
    far = _metres(alert.distance_m)
    if alert.attribution in {"OFFENDER_APPROACH", "MUTUAL"}:
        return f"he was last {far} away and coming nearer", f"상대는 마지막으로 {far} 거리에서 다가오고 있었다"
    return f"he was last {far} away", f"상대는 마지막으로 {far} 떨어져 있었다"


def _seconds(value: object) -> str:
    return f"{value:.0f} s" if isinstance(value, int | float) else "?"


def _metres(value: object) -> str:
    return f"{value:.0f} m" if isinstance(value, int | float) else "?"


def _ages(alert: Alert, his: str, hers: str, old: str) -> list[str]:
    def told(who: str, known: Known | None) -> list[str]:
        unit = "초" if old == "전" else " s"
        return [] if known is None else [f"{who} {known.age_s:.0f}{unit} {old}"]

    return [*told(his, alert.offender), *told(hers, alert.victim)]
