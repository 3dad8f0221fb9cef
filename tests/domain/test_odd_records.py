"""Whatever stands in somebody's records, there is something to say of it."""

from __future__ import annotations

import base64

from hypothesis import example, given
from hypothesis import strategies as st

from drumbeat.domain.dkim import judge_dkim
from drumbeat.domain.dmarc import judge_dmarc
from drumbeat.domain.spf import judge_spf
from tests.domain.written_records import Written

SPF_TERMS = st.sampled_from(
    [
        "a",
        "mx",
        "ptr",
        "all",
        "~all",
        "-all",
        "?all",
        "+all",
        "include:b.example",
        "include:a.example",
        "redirect=b.example",
        "ip4:1.2.3.4/33",
        "ip6:::",
        "exists:%{i}",
        "a///",
        "include:",
        "=x",
        "v=spf1",
        "-",
    ]
)


@given(st.lists(SPF_TERMS | st.text(), max_size=8), st.lists(SPF_TERMS, max_size=8))
@example(["ip4:1.2.3.4/"], [])
def test_spf_is_judged_whatever_it_says(terms: list[str], others: list[str]) -> None:
    names = Written(
        {"a.example": [f"v=spf1 {' '.join(terms)}"], "b.example": [f"v=spf1 {' '.join(others)}"]}
    )

    assert judge_spf("a.example", names, example="v=spf1 ~all")


@given(st.text(alphabet="vpr=DMARC1;none ua:mailto@,!\0é") | st.text())
def test_dmarc_is_judged_whatever_it_says(tags: str) -> None:
    assert judge_dmarc("a.example", Written({"_dmarc.a.example": [f"v=DMARC1;{tags}"]}))


@given(st.binary() | st.binary().map(lambda inside: bytes([0x30, len(inside) % 256]) + inside))
def test_a_key_is_judged_whatever_it_is(material: bytes) -> None:
    record = f"v=DKIM1; p={base64.b64encode(material).decode()}"
    names = Written({"s1._domainkey.a.example": [record]})

    assert judge_dkim("a.example", names, selectors=["s1"], are_given=True)
