"""What is known of the big mailbox providers: what they want in SPF, and how they name keys."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from drumbeat.domain.name_records import is_within

IPV4 = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxProvider:
    smtp: tuple[str, ...]
    """The domains of its servers."""
    include: str
    selectors: tuple[str, ...]


PROVIDERS = (
    MailboxProvider(
        smtp=("gmail.com", "google.com", "googlemail.com"),
        include="_spf.google.com",
        selectors=("google",),
    ),
    MailboxProvider(
        smtp=("office365.com", "outlook.com"),
        include="spf.protection.outlook.com",
        selectors=("selector1", "selector2"),
    ),
    MailboxProvider(
        smtp=("fastmail.com", "messagingengine.com"),
        include="spf.messagingengine.com",
        selectors=("fm1", "fm2", "fm3"),
    ),
    MailboxProvider(smtp=("amazonaws.com",), include="amazonses.com", selectors=()),
    MailboxProvider(smtp=("sendgrid.net",), include="sendgrid.net", selectors=("s1", "s2")),
    MailboxProvider(
        smtp=("mailgun.org",), include="mailgun.org", selectors=("k1", "mx", "pic", "mailo")
    ),
)

OTHER_SELECTORS = (
    *("default", "dkim", "mail", "email", "smtp", "key1", "key2", "k2", "k3", "sig1"),
    *("protonmail", "protonmail2", "protonmail3", "zmail", "zoho", "20230601", "20210112"),
)
# Whoever has a mailbox there cannot change the domain's records, and need not.
OF_PROVIDERS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("yahoo.com", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com", "gmx.net"),
        *("gmx.de", "gmx.com", "web.de", "proton.me", "protonmail.com", "fastmail.com"),
        *("zoho.com", "mail.com", "yandex.com", "posteo.de", "mailbox.org", "t-online.de"),
    }
)


def usual_selectors() -> tuple[str, ...]:
    """The names that keys are most often found under, each once."""
    known = (selector for provider in PROVIDERS for selector in provider.selectors)
    return tuple(dict.fromkeys([*known, *OTHER_SELECTORS]))


def spf_for(hosts: Collection[str]) -> str:
    """A record that lets mail go out through these servers, as far as one can know."""
    terms = dict.fromkeys(term_for(host.lower()) for host in sorted(hosts) if "." in host)
    return " ".join(["v=spf1", *(terms or ["mx"]), "~all"])


def term_for(host: str) -> str:
    for provider in PROVIDERS:
        if any(is_within(host, domain) for domain in provider.smtp):
            return f"include:{provider.include}"
    return f"ip4:{host}" if IPV4.fullmatch(host) else f"a:{host}"
