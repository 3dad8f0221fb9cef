"""DKIM: the keys that a domain's mail is signed with (RFC 6376).

A key stands under a selector, whose name only the signer knows; without being told, the names
that providers use are tried.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.name_records import NameRecords, Unanswered, tags_in, unanswered

CHECK = "dkim"
BELOW = "_domainkey"
WEAK_BITS = 1024
GOOD_BITS = 2048
ED25519_BYTES = 32

SEQUENCE = 0x30
INTEGER = 0x02
BIT_STRING = 0x03

FROM_PROVIDER = "your mail provider says which record to publish, and signs once it is there"
TELL_SELECTOR = (
    "look for s= in the DKIM-Signature header of an e-mail of this domain that arrived, and give "
    "it as --dkim-selector"
)


def judge_dkim(
    domain: str, names: NameRecords, *, selectors: Collection[str], are_given: bool
) -> list[Finding]:
    """What is to be said of the keys under these selectors, which somebody gave or we guess."""
    try:
        found = list(keys_under(domain, names, selectors))
        if not found:
            return [none_found(domain, names, selectors, are_given=are_given)]
    except Unanswered as fault:
        return [unanswered(CHECK, domain, fault)]
    return [judge_key(domain, selector, key) for selector, key in found]


def keys_under(
    domain: str, names: NameRecords, selectors: Collection[str]
) -> Iterator[tuple[str, str]]:
    for selector in selectors:
        for text in names.texts(f"{selector}.{BELOW}.{domain}"):
            if is_key(text):
                yield selector, text


def none_found(
    domain: str, names: NameRecords, selectors: Collection[str], *, are_given: bool
) -> Finding:
    if are_given:
        tried = ", ".join(selectors)
        text = f"there is no key under the selector {tried}"
        return finding(domain, Verdict.FAULT, text, FROM_PROVIDER)
    if not names.exists(f"{BELOW}.{domain}"):
        text = "there is no key at all: mail of this domain cannot be signed in its name"
        return finding(domain, Verdict.FAULT, text, FROM_PROVIDER)
    text = f"no key under any of the {len(selectors)} usual selectors; it may have another"
    return finding(domain, Verdict.WARNING, text, TELL_SELECTOR)


def judge_key(domain: str, selector: str, record: str) -> Finding:
    tags = tags_in(record)
    kind = tags.get("k", "rsa").lower()
    material = "".join(tags["p"].split())
    if not material:
        text = f"the key {selector} has been revoked (p= is empty)"
        return finding(domain, Verdict.WARNING, text, FROM_PROVIDER)
    try:
        strength = strength_of(kind, base64.b64decode(material, validate=True))
    except (binascii.Error, ValueError) as fault:
        text = f"the key {selector} cannot be read: {fault}"
        return finding(domain, Verdict.FAULT, text, "publish it again, without a letter missing")
    return judge_strength(domain, selector, strength, tags)


def judge_strength(domain: str, selector: str, strength: Strength, tags: dict[str, str]) -> Finding:
    what = f"key {selector}, {strength}"
    if strength.bits is not None and strength.bits < WEAK_BITS:
        text = f"{what}: receivers pass over keys so short"
        return finding(domain, Verdict.FAULT, text, f"make one of {GOOD_BITS} bits")
    if "y" in tags.get("t", "").lower().split(":"):
        text = f"{what}, is marked as a test (t=y), and receivers may act as if there was none"
        return finding(domain, Verdict.WARNING, text, "take t=y out of the record")
    if strength.bits is not None and strength.bits < GOOD_BITS:
        text = f"{what}: it counts, and is short by now"
        return finding(domain, Verdict.WARNING, text, f"make one of {GOOD_BITS} bits")
    return finding(domain, Verdict.OK, what)


@dataclass(frozen=True, slots=True)
class Strength:
    kind: str
    bits: int | None = None

    def __str__(self) -> str:
        return f"{self.kind} of {self.bits} bits" if self.bits else self.kind


def strength_of(kind: str, material: bytes) -> Strength:
    """Raises ValueError where this is no key of its kind."""
    if kind == "rsa":
        return Strength("RSA", modulus_bits(material))
    if kind != "ed25519":
        raise ValueError(f"{kind} is no kind of key that receivers know")
    if len(material) != ED25519_BYTES:
        raise ValueError(f"an Ed25519 key has {ED25519_BYTES} bytes, and this one {len(material)}")
    return Strength("Ed25519")


def modulus_bits(der: bytes) -> int:
    """How long an RSA key is. Raises ValueError.

    It is published as SubjectPublicKeyInfo, and by some as the RSAPublicKey alone.
    """
    inside = elements(only(der, SEQUENCE))
    if inside and inside[0][0] == SEQUENCE and len(inside) > 1:
        # A bit string begins with how many bits of its last byte do not count.
        inside = elements(only(content_of(inside[1], BIT_STRING)[1:], SEQUENCE))
    return int.from_bytes(content_of(inside[0], INTEGER), "big").bit_length()


def only(der: bytes, tag: int) -> bytes:
    return content_of(elements(der)[0], tag)


def content_of(element: tuple[int, bytes], tag: int) -> bytes:
    if element[0] != tag:
        raise ValueError("it is not an RSA key")
    return element[1]


def elements(der: bytes) -> list[tuple[int, bytes]]:
    """The tag and the content of each element in a row. Raises ValueError where one is cut off."""
    found = []
    while der:
        header, length = length_in(der)
        if len(der) < header + length:
            raise ValueError("its end is missing")
        found.append((der[0], der[header : header + length]))
        der = der[header + length :]
    if not found:
        raise ValueError("it is empty")
    return found


def length_in(der: bytes) -> tuple[int, int]:
    """How long the header of the first element is, and how long its content."""
    if len(der) < 2:
        raise ValueError("its end is missing")
    if der[1] < 0x80:
        return 2, der[1]
    header = 2 + (der[1] & 0x7F)
    return header, int.from_bytes(der[2:header], "big")


def is_key(text: str) -> bool:
    tags = tags_in(text)
    return "p" in tags and tags.get("v", "DKIM1") == "DKIM1"


def finding(domain: str, verdict: Verdict, text: str, remedy: str | None = None) -> Finding:
    return Finding(check=CHECK, about=domain, verdict=verdict, text=text, remedy=remedy)
