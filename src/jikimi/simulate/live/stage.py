"""A running exercise as the simulation meets it: two addresses, sign-ins, agencies. It must never be a real one."""

from dataclasses import dataclass, field

from jikimi.kernel.errors import Conflict, Malformed
from jikimi.simulate.live.http import Address

NEEDED = ("police-registrar", "monitoring-registrar", "dispatcher", "monitor", "police-officer", "probation-officer")
"""The accounts of a first run, which play their parts."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody signed in."""

    name: str
    token: str = field(repr=False)
    agency: str = ""
    unit: str | None = None


@dataclass(slots=True)
class Stage:
    """Where a scenario is played."""

    desk: Address
    gateway: Address
    people: dict[str, Signed] = field(default_factory=dict)

    @staticmethod
    async def open(url: str, intake_url: str | None, passwords: dict[str, str]) -> "Stage":
        """Sign everybody in; raises Conflict at a real installation, Malformed without the sign-ins."""
        desk = Address(url)
        stage = Stage(desk, Address(intake_url or f"http://{desk.host}:{desk.port + 1}"))
        site = await desk.ask("GET", "/api/site")
        if not site["exercise"]:
            raise Conflict("This installation is real. A simulation plays at an exercise only.")
        missing = [name for name in NEEDED if name not in passwords]
        if missing:
            raise Malformed(f"There is no sign-in of {', '.join(missing)}.", field="sign_ins")
        for name in NEEDED:
            await stage.sign_in(name, passwords[name])
        return stage

    async def sign_in(self, name: str, password: str) -> Signed:
        """Sign in and remember it."""
        said = await self.desk.ask("POST", "/api/sessions", {"name": name, "password": password})
        actor = said["actor"]
        self.people[name] = Signed(name, said["token"], actor["agency"], actor["unit"])
        return self.people[name]

    async def close(self) -> None:
        """Close the connections."""
        await self.desk.close()
        await self.gateway.close()


def printed(text: str) -> dict[str, str]:
    """Name and password of every `sign-in` line that a first `jikimi serve` printed."""
    lines = [line.split("\t") for line in text.splitlines() if line.startswith("sign-in\t")]
    return {line[3]: line[4] for line in lines if len(line) == 5}
