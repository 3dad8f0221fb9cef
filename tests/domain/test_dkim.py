"""DKIM keys, as they are published and as they should not be."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drumbeat.domain.dkim import judge_dkim
from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.mailbox_providers import usual_selectors
from tests.domain.written_records import Written


def rsa_key(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    # Made by other software than ours, which only has to read it; short ones only it refuses.
    key = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, form)).decode()


LONG = rsa_key(2048)
SHORT = rsa_key(1024)
PKCS1 = rsa_key(2048, PublicFormat.PKCS1)
ED25519 = base64.b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()
ELLIPTIC = base64.b64encode(
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
# An RSA key of 512 bits, which nothing makes any more: a modulus of 64 bytes, and 3.
TOO_SHORT = base64.b64encode(b"\x30\x46\x02\x41\x00" + b"\xff" * 64 + b"\x02\x01\x03").decode()


def judged(record: str, selector: str = "s1", *, given: bool = False) -> list[Finding]:
    names = Written({f"{selector}._domainkey.example.com": [record]})
    selectors = ("s1", "s2") if given else usual_selectors()
    return judge_dkim("example.com", names, selectors=selectors, are_given=given)


def only(found: list[Finding]) -> Finding:
    [finding] = found
    return finding


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param(f"v=DKIM1; k=rsa; p={LONG}", "RSA of 2048 bits", id="all tags"),
        pytest.param(f"p={LONG}", "RSA of 2048 bits", id="no more than needed"),
        pytest.param(
            f"v=DKIM1;k=rsa;h=sha256;p={LONG[:60]} {LONG[60:]};", "RSA of 2048 bits", id="a gap"
        ),
        pytest.param(f"v=DKIM1; p={PKCS1}", "RSA of 2048 bits", id="in the other form"),
        pytest.param(f"v=DKIM1; k=ed25519; p={ED25519}", "Ed25519", id="Ed25519"),
        pytest.param(f"v=DKIM1; k=rsa; t=s; p={LONG}", "RSA of 2048 bits", id="strict"),
    ],
)
def test_a_good_key_says_how_long_it_is(record: str, said: str) -> None:
    finding = only(judged(record))

    assert (finding.verdict, finding.text) == (Verdict.OK, f"key s1, {said}")


@pytest.mark.parametrize(
    ("record", "verdict", "said"),
    [
        pytest.param(
            f"p={SHORT}", Verdict.WARNING, "1024 bits: it counts, and is short", id="1024"
        ),
        pytest.param(f"p={TOO_SHORT}", Verdict.FAULT, "512 bits: receivers pass over", id="512"),
        pytest.param(f"t=y:s; p={LONG}", Verdict.WARNING, "marked as a test (t=y)", id="test"),
        pytest.param("v=DKIM1; p=", Verdict.WARNING, "has been revoked", id="revoked"),
        pytest.param("p=!!!", Verdict.FAULT, "cannot be read", id="no base64"),
        pytest.param(f"p={LONG[:-8]}", Verdict.FAULT, "its end is missing", id="cut off"),
        pytest.param("p=AAA=", Verdict.FAULT, "it is not an RSA key", id="zeros"),
        pytest.param("p=MA==", Verdict.FAULT, "its end is missing", id="one byte"),
        pytest.param("p=MAA=", Verdict.FAULT, "it is empty", id="nothing inside"),
        pytest.param(f"p={ELLIPTIC}", Verdict.FAULT, "cannot be read", id="elliptic"),
        pytest.param(f"k=ed25519; p={LONG}", Verdict.FAULT, "has 32 bytes", id="too long"),
        pytest.param(f"k=dsa; p={LONG}", Verdict.FAULT, "dsa is no kind of key", id="dsa"),
    ],
)
def test_a_key_that_does_not_do_is_told_with_the_reason(
    record: str, verdict: Verdict, said: str
) -> None:
    finding = only(judged(record))

    assert finding.verdict is verdict
    assert said in finding.text
    assert finding.remedy


def test_every_key_there_is_gets_a_word() -> None:
    names = Written(
        {
            "google._domainkey.example.com": [f"v=DKIM1; p={LONG}"],
            "selector1._domainkey.example.com": ["v=DKIM1; p="],
        }
    )

    found = judge_dkim("example.com", names, selectors=usual_selectors(), are_given=False)

    assert [each.verdict for each in found] == [Verdict.OK, Verdict.WARNING]


@pytest.mark.parametrize("record", ["v=spf1 -all", "v=DKIM2; p=x", "anything", ""])
def test_what_a_wildcard_answers_is_no_key(record: str) -> None:
    finding = only(judged(record))

    assert finding.verdict is Verdict.WARNING
    assert "no key under any of the" in finding.text


def test_without_anything_at_that_place_there_is_no_key_at_all() -> None:
    names = Written({"example.com": ["v=spf1 -all"]})

    finding = only(judge_dkim("example.com", names, selectors=usual_selectors(), are_given=False))

    assert finding.verdict is Verdict.FAULT
    assert "there is no key at all" in finding.text


def test_a_key_under_another_name_cannot_be_guessed() -> None:
    finding = only(judged(f"v=DKIM1; p={LONG}", "summer2026"))

    assert finding.verdict is Verdict.WARNING
    assert finding.remedy is not None
    assert "--dkim-selector" in finding.remedy


def test_of_the_selectors_that_are_given_one_will_do() -> None:
    assert only(judged(f"p={LONG}", "s2", given=True)).verdict is Verdict.OK


def test_a_selector_that_is_given_and_not_there_is_a_fault() -> None:
    finding = only(judged(f"p={LONG}", "s3", given=True))

    assert finding.verdict is Verdict.FAULT
    assert "s1, s2" in finding.text


def test_silence_is_told_once_however_many_selectors_there_are() -> None:
    away = frozenset(f"{each}._domainkey.example.com" for each in usual_selectors())

    finding = only(
        judge_dkim("example.com", Written(away=away), selectors=usual_selectors(), are_given=False)
    )

    assert finding.verdict is Verdict.WARNING
    assert "no answer about" in finding.text
