"""An outbox that keeps what it is handed, and can be told to misbehave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drumbeat.domain.message import OutgoingEmail
from drumbeat.domain.sender import SmtpServer
from drumbeat.mail.ports import Outcome, Receipt, Stage

OK = Receipt(outcome=Outcome.ACCEPTED, stage=Stage.DATA, code=250, text="2.0.0 kept")
GREYLISTED = Receipt(outcome=Outcome.TEMPORARY, stage=Stage.RCPT, code=450, text="4.7.1 later")
NO_SUCH_USER = Receipt(
    outcome=Outcome.PERMANENT,
    stage=Stage.RCPT,
    code=550,
    text="5.1.1 no such user",
    is_bad_address=True,
)
SPAM = Receipt(outcome=Outcome.PERMANENT, stage=Stage.DATA, code=554, text="5.7.1 refused")
AWAY = Receipt(outcome=Outcome.UNREACHABLE, stage=Stage.CONNECT, text="connection refused")
SILENT = Receipt(outcome=Outcome.IN_DOUBT, stage=Stage.DATA, text="no answer after the data")
ASKED_FOR_DATA = (Outcome.ACCEPTED, Outcome.IN_DOUBT)


@dataclass
class MemoryOutbox:
    """Accepts every message, but where *answers* has something else to say, first to last."""

    sent: list[OutgoingEmail] = field(default_factory=list)
    answers: list[Receipt] = field(default_factory=list)
    at_the_gate: Callable[[], None] | None = None
    """Called between RCPT and DATA, where the world may change under the message."""

    def send(
        self, server: SmtpServer, email: OutgoingEmail, *, before_data: Callable[[], bool]
    ) -> Receipt:
        answer = self.answers.pop(0) if self.answers else OK
        if answer.stage is not Stage.DATA:
            return answer
        if self.at_the_gate is not None:
            self.at_the_gate()
        if not before_data():
            return Receipt(outcome=Outcome.WITHDRAWN, stage=Stage.RCPT, text="withdrawn")
        if answer.outcome is Outcome.ACCEPTED:
            self.sent.append(email)
        return answer

    def close(self) -> None:
        pass
