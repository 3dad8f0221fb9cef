"""`smtp[s]://user:password@host:port`: a server to hand mail over to, in one line.

The password stands in the middle of it, so no message raised here repeats any part of it.
"""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from drumbeat.domain.sender import SmtpSecurity, SmtpServer
from drumbeat.errors import Invalid

DEFAULT_PORTS = {SmtpSecurity.IF_OFFERED: 587, SmtpSecurity.NONE: 587, SmtpSecurity.TLS: 465}
FORM = "write smtp[s]://user:password@host:port"
HOST_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.?")
HOST_IPV6 = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*")
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_smtp_url(url: str) -> SmtpServer:
    """The server that *url* names. Raises Invalid, saying what to write instead."""
    # urlsplit drops line breaks and tabs silently, and so would read another address.
    if not url.isprintable() or " " in url:
        refuse("it holds a space or a control character; percent-encode it")
    parts = split(url)
    username, password = credentials(parts)
    security = security_of(parts)
    if parts.path not in ("", "/") or parts.fragment or "#" in url:
        refuse("something follows the port; percent-encode / ? # and @ in the password")
    return SmtpServer(
        host=host_of(parts),
        port=port_of(parts) or DEFAULT_PORTS[security],
        security=security,
        username=username,
        password=password,
    )


def split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        refuse("its host cannot be read; an IPv6 address stands in [brackets]")


def security_of(parts: SplitResult) -> SmtpSecurity:
    if parts.scheme not in ("smtp", "smtps") or not parts.netloc:
        refuse("it begins with smtp:// (STARTTLS where it is offered) or smtps:// (TLS)")
    if parts.query not in ("", "tls=none"):
        refuse("the only option is ?tls=none, for a server that is to be spoken to in the clear")
    if parts.scheme == "smtp":
        return SmtpSecurity.NONE if parts.query else SmtpSecurity.IF_OFFERED
    if parts.query:
        refuse("smtps:// is TLS; ?tls=none goes with smtp://")
    return SmtpSecurity.TLS


def host_of(parts: SplitResult) -> str:
    host = parts.hostname
    if not host:
        refuse("it names no host")
    if not (HOST_NAME.fullmatch(host) or HOST_IPV6.fullmatch(host)):
        refuse("its host is not a name or an address")
    return host


def port_of(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        refuse(
            "its port is not a number from 1 to 65535; percent-encode : / ? # and @ in the password"
        )
    return port


def credentials(parts: SplitResult) -> tuple[str | None, str | None]:
    userinfo, at, _ = parts.netloc.rpartition("@")
    if not at:
        return None, None
    user, colon, password = userinfo.partition(":")
    if not user or not colon or not password:
        refuse("it has a user without a password, or the other way round; give both or neither")
    return decoded(user), decoded(password)


def decoded(text: str) -> str:
    if STRAY_PERCENT.search(text):
        refuse("a % stands in the user or the password; write it as %25")
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        refuse("the user or the password is not UTF-8 once it is percent-decoded")
    if not plain.isprintable():
        refuse("the user or the password holds a control character")
    return plain


def refuse(why: str) -> NoReturn:
    # From None: what urllib raises repeats the address it was given, with the password.
    raise Invalid(f"the mail server's address cannot be used: {why}. {FORM}") from None
