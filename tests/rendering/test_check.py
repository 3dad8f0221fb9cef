"""What a template may say, and what is answered to one that says more."""

from __future__ import annotations

import pytest

from drumbeat.errors import Invalid
from drumbeat.rendering import check


def test_every_token_that_is_used_is_named_once() -> None:
    tokens = check(
        "{{ contact.firstname }} at {{ company.name|default('your place') }}",
        "{{contact.firstname}}{% if owner.city == 'Rome' %}{{ sender.email }}{% elif contact.x1 %}"
        "{{ company.domain or contact.website }}{% endif %}{{ unsubscribe_link }}",
    )

    assert tokens == {
        *("contact.firstname", "contact.x1", "contact.website", "company.name", "company.domain"),
        *("owner.city", "sender.email", "unsubscribe_link"),
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "plain & simple",
        "<p style='{ %'>100% {x} }} %}</p>",
        "{# a note #}{% raw %}{{ anything }}{% endraw %}",
        "{{- contact.firstname -}}",
        "{{ contact.firstname|default('there')|title|trim|e }}",
        "{{ contact.firstname|d('there', true)|urlencode }}",
        "{{ contact.firstname|default(contact.lastname)|default('you') }}",
        "{{ contact.nickname or contact.firstname or 'you' }}",
        "{{ 'text' }}{{ 5 }}",
        "{% if not contact.a and (contact.b == 'x' or contact.c != contact.d) %}y{% endif %}",
        "{% if 'VP' in contact.jobtitle or 'x' not in contact.a %}y{% else %}z{% endif %}",
        "{% if contact.a is defined and contact.b is not none %}y{% endif %}",
        "{% if contact.a %}{% if contact.b %}y{% endif %}{% endif %}",
        "{{\u00a0contact.firstname\u00a0}}",
    ],
)
def test_what_a_rep_needs_is_allowed(body: str) -> None:
    assert isinstance(check("", body), frozenset)


ESCAPES = [
    "{{ contact.__class__ }}",
    "{{ contact.__class__.__mro__[1].__subclasses__() }}",
    "{{ contact._values }}",
    "{{ contact.firstname.__class__ }}",
    "{{ contact['__class__'] }}",
    "{{ contact['firstname'] }}",
    "{{ contact.firstname[0] }}",
    "{{ contact.firstname[0:9] }}",
    "{{ contact.firstname.upper() }}",
    "{{ contact.firstname.format(contact) }}",
    "{{ '{0.__class__}'.format(contact) }}",
    "{{ '%s' % contact.firstname }}",
    "{{ '%s'|format(contact.firstname) }}",
    "{{ contact|attr('__class__') }}",
    "{{ [contact]|map(attribute='__class__')|list }}",
    "{{ contact|tojson }}",
    "{{ contact|pprint }}",
    "{{ contact.firstname|safe }}",
    "{{ contact.firstname|center(100000000) }}",
    "{{ contact.firstname|replace('a', 'aaaaaaaaaa') }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ 1 + 1 }}",
    "{{ -1 }}",
    "{{ 1.5 }}",
    "{{ none }}",
    "{{ true }}",
    "{{ 99999999999999999999 }}",
    "{{ 'a' ~ contact.firstname }}",
    "{{ contact.a if contact.b else contact.c }}",
    "{{ contact.a == 'x' }}",
    "{{ contact.a and contact.b }}",
    "{{ not contact.a }}",
    "{{ contact.a is defined }}",
    "{{ ['a', 'b'] }}",
    "{{ {'a': 'b'} }}",
    "{{ ('a', 'b') }}",
    "{{ (contact.a, contact.b) }}",
    "{{ range(1000000000) }}",
    "{{ lipsum(n=100) }}",
    "{{ cycler('a') }}",
    "{{ namespace() }}",
    "{{ dict() }}",
    "{{ self.__init__ }}",
    "{{ self }}",
    "{{ loop.index }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ request.environ }}",
    "{{ config }}",
    "{{ contact }}",
    "{{ firstname }}",
    "{{ deal.amount }}",
    "{{ contact.FirstName }}",
    "{{ contact.vorname_ü }}",
    "{{ unsubscribe_link.x }}",
    "{{ contact.a|default(contact.b|upper, 1) }}",
    "{{ contact.a|default(value='x') }}",
    "{{ contact.a|default(*contact) }}",
    "{{ contact.a|default('a', true, 'b') }}",
    "{{ contact.a|upper('x') }}",
    "{{ contact.a|default(range(9)) }}",
    "{% for a in contact %}{{ a }}{% endfor %}",
    "{% for a in 'xxxxxxxxxx' %}{% for b in 'xxxxxxxxx' %}{% endfor %}{% endfor %}",
    "{% set a = 1 %}",
    "{% set a %}x{% endset %}",
    "{% include 'etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% extends 'base' %}",
    "{% block a %}{% endblock %}",
    "{% macro m() %}{{ m() }}{% endmacro %}",
    "{% call contact.a() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape false %}{{ contact.a }}{% endautoescape %}",
    "{% if range(9) %}{% endif %}",
    "{% if contact.a > 'x' %}{% endif %}",
    "{% if contact.a == 5 %}{% endif %}",
    "{% if contact.a == none %}{% endif %}",
    "{% if 'a' == 'b' == 'c' %}{% endif %}",
    "{% if contact.a in contact.b %}{% endif %}",
    "{% if '' in contact.b %}{% endif %}",
    "{% if contact.a in ['a', 'b'] %}{% endif %}",
    "{% if contact.a is odd %}{% endif %}",
    "{% if contact.a is sameas contact.b %}{% endif %}",
    "{% if contact.a is divisibleby(0) %}{% endif %}",
    "{% if contact.__class__ %}{% endif %}",
    "{% if x %}{% endif %}",
    "{% if contact.a %}{% for a in b %}{% endfor %}{% endif %}",
    "{% if contact.a %}{% elif x() %}{% endif %}",
    "{% if contact.a %}{% else %}{{ x() }}{% endif %}",
]


@pytest.mark.parametrize("body", ESCAPES)
def test_nothing_else_is(body: str) -> None:
    with pytest.raises(Invalid, match="the template cannot be used: body, line 1: ") as refused:
        check("", body)

    assert {fault.field for fault in refused.value.faults} == {"body"}


@pytest.mark.parametrize(
    "body",
    [
        "{{ contact.firstname",
        "{{ contact.firstname }",
        "{{ contact. }}",
        "{{ }}",
        "{{ contact.firstname|default(&quot;there&quot;) }}",
        "{% if contact.a %}",
        "{% endif %}",
        "{% do contact.a %}",
        "{% unknown %}",
        "{# never ends",
        "{{ 'never ends }}",
    ],
)
def test_what_is_not_grammar_is_refused_with_its_line(body: str) -> None:
    with pytest.raises(Invalid) as refused:
        check("", "<p>\n\n" + body)

    [fault] = refused.value.faults
    assert fault.field == "body"
    assert fault.message.startswith("line 3: ")


def test_every_fault_is_named_at_once_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        check("{{ firstname }}", "Hi\n{{ 1 + 1 }}\n{{ contact.a }}{{ deal.x }}")

    assert [(fault.field, fault.message.partition(";")[0]) for fault in refused.value.faults] == [
        ("subject", "line 1: there is no token firstname"),
        ("body", "line 2: add cannot be used"),
        ("body", "line 3: there is no object deal"),
    ]


def test_no_more_faults_are_named_than_anyone_reads() -> None:
    with pytest.raises(Invalid) as refused:
        check("", "{{ firstname }}" * 50)

    assert len(refused.value.faults) == 20


def test_a_fault_says_what_to_write_instead() -> None:
    with pytest.raises(Invalid) as refused:
        check("", "{{ contact }}{{ firstname }}{{ contact.a|shout }}")

    alone, unknown, filtered = (fault.message for fault in refused.value.faults)
    assert "write contact.firstname" in alone
    assert "contact.firstname is meant" in unknown
    assert "the filter shout cannot be used" in filtered
    assert "the filters capitalize, d, default, e, escape, lower, title, trim, upper" in filtered


def test_the_unsubscribe_link_belongs_into_the_body() -> None:
    with pytest.raises(Invalid, match="unsubscribe_link belongs into the body"):
        check("{{ unsubscribe_link }}", "")


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        pytest.param("x" * 1_001, "", id="a long subject"),
        pytest.param("", "x" * (256 * 1024 + 1), id="a long body"),
        pytest.param("", "\ud800", id="a lone surrogate"),
    ],
)
def test_a_template_has_its_limits(subject: str, body: str) -> None:
    with pytest.raises(Invalid, match="the template cannot be used"):
        check(subject, body)


def test_a_template_at_its_limits_is_allowed() -> None:
    assert check("x" * 1_000, "x" * 256 * 1024) == frozenset()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{{ " + "(" * 100_000, id="brackets"),
        pytest.param("{{ " + "(" * 2_000 + "1" + ")" * 2_000 + " }}", id="closed brackets"),
        pytest.param("{{ " + "9" * 4_900 + " }}", id="digits"),
        pytest.param("{{ 0x" + "f" * 4_900 + " }}", id="hexadecimal digits"),
        pytest.param("{{ " + "-" * 4_900 + "1 }}", id="signs"),
        pytest.param("{{ contact" + ".a" * 2_400 + " }}", id="dots"),
        pytest.param("{{ contact.a" + "|upper" * 800 + " }}", id="filters"),
        pytest.param("{{ contact.a" + " or contact.a" * 300 + " }}", id="alternatives"),
        pytest.param("{% if " + "not " * 1_200 + "contact.a %}{% endif %}", id="nots"),
        pytest.param("{% if " + "not " * 60 + "contact.a %}{% endif %}", id="fewer nots"),
        pytest.param("{% if contact.a %}" * 200 + "{% endif %}" * 200, id="ifs in ifs"),
        pytest.param("{% if contact.a %}" + "{% elif contact.a %}" * 2_500, id="elifs"),
        pytest.param("{{contact.a}}" * 20_000, id="tokens"),
        pytest.param("{{ contact.a or contact.a }}" * 1_500, id="alternatives, many times"),
        pytest.param("{" * 256 * 1024, id="braces"),
        pytest.param("{{ '" + "a" * 250_000, id="a text that never ends"),
        pytest.param("{{ contact.a|upper" * 14_000, id="a tag that never ends"),
    ],
)
def test_what_would_take_long_to_parse_is_refused(body: str) -> None:
    with pytest.raises(Invalid):
        check("", body)
