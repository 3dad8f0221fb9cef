"""Steps that can be told apart by what they send."""

from __future__ import annotations

from drumbeat.domain.sequence import Step
from tests.world import World


class Letters:
    """E-mails called A to E, each with a template of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.templates = {name: world.template(name, f"<p>Letter {name}</p>") for name in "ABCDE"}

    def __call__(self, names: str, *, days: float = 1) -> list[Step]:
        """The first at once, each other one *days* after the one before."""
        return [
            self.world.email(days if position else 0, template=self.templates[name])
            for position, name in enumerate(names)
        ]

    def later(self, names: str, *, days: float = 1) -> list[Step]:
        return [self.world.email(days, template=self.templates[name]) for name in names]

    def sent(self) -> str:
        """What went out, in its order."""
        return "".join(text.split()[1] for text in (email.text for email in self.world.outbox.sent))
