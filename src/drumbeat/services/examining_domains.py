"""Looking up what receivers look up: the records of the domains that mail is sent from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from drumbeat.domain.dkim import judge_dkim
from drumbeat.domain.dmarc import judge_alignment, judge_dmarc
from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.mail_exchange import judge_mx
from drumbeat.domain.mailbox_providers import OF_PROVIDERS, spf_for, usual_selectors
from drumbeat.domain.name_records import NameRecords, Unanswered, unanswered
from drumbeat.domain.sender import Sender
from drumbeat.domain.spf import judge_spf

CHECK = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminingDomains:
    names: NameRecords
    selectors: Collection[str] = ()
    """Under which the domains have their DKIM keys; without any the usual ones are tried."""

    def of(self, senders: Sequence[Sender]) -> Iterator[Finding]:
        """What is to be said of each domain that these senders show or have mail returned to."""
        sending = {domain_of(sender.email) for sender in senders}
        aliases = {domain_of(alias) for sender in senders for alias in sender.aliases}
        for domain in sorted(sending | aliases):
            yield from self.about(domain, senders, is_sending=domain in sending)

    def about(
        self, domain: str, senders: Sequence[Sender], *, is_sending: bool
    ) -> Iterator[Finding]:
        if domain in OF_PROVIDERS:
            text = "belongs to the mailbox's provider, who sees to its records"
            yield Finding(check=CHECK, about=domain, text=text)
        elif "." not in domain or domain.startswith("["):
            text = "is no domain of the public name service, and has nothing to look up"
            yield Finding(check=CHECK, about=domain, text=text)
        elif (missing := self.missing(domain)) is not None:
            yield missing
        else:
            yield from self.records_of(domain, senders, is_sending=is_sending)

    def missing(self, domain: str) -> Finding | None:
        try:
            if self.names.exists(domain):
                return None
        except Unanswered as fault:
            return unanswered(CHECK, domain, fault)
        return Finding(
            check=CHECK,
            about=domain,
            verdict=Verdict.FAULT,
            text="there is no such domain, so that receivers refuse what comes from it",
            remedy="is the address spelled right, and the domain paid for?",
        )

    def records_of(
        self, domain: str, senders: Sequence[Sender], *, is_sending: bool
    ) -> Iterator[Finding]:
        yield judge_mx(domain, self.names)
        # Receivers judge SPF by where mail is returned to, which is never an alias.
        if is_sending:
            yield from judge_spf(domain, self.names, example=spf_for(hosts_of(domain, senders)))
        yield from judge_dkim(
            domain,
            self.names,
            selectors=self.selectors or usual_selectors(),
            are_given=bool(self.selectors),
        )
        yield from judge_dmarc(domain, self.names)
        for envelope in sorted(returning(domain, senders)):
            yield from judge_alignment(domain, envelope, self.names)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def hosts_of(domain: str, senders: Sequence[Sender]) -> set[str]:
    return {
        sender.server.host
        for sender in senders
        if sender.server is not None and domain_of(sender.email) == domain
    }


def returning(domain: str, senders: Sequence[Sender]) -> set[str]:
    """The domains that mail is returned to which shows an alias in this one."""
    return {
        domain_of(sender.email)
        for sender in senders
        if any(domain_of(alias) == domain for alias in sender.aliases)
    }
