"""Templates filled with values: what is written, what is missing, what is never let in."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.errors import Invalid
from drumbeat.rendering import MissingTokens, Rendered, render

VALUES: dict[str, dict[str, str | None]] = {
    "contact": {
        "firstname": "Ada",
        "lastname": None,
        "city": "",
        "company": "  ",
        "jobtitle": 'VP <Engines> & "more"',
        "website": "https://ada.example/?a=1&b=2",
        "domain": "ada.example",
        "notes": "one\r\ntwo\n\nthree",
        "color": "red; position: fixed; background: url(https://x.example)",
        "script": "javascript:alert(1)",
    },
    "sender": {"firstname": "Rita", "signature": "<p>Rita<br><b>Sales</b></p>"},
}
LINK = "https://drumbeat.example/u/abc?x=1&y=2"


def html_of(body: str) -> str:
    return render("", body, VALUES, unsubscribe_url=LINK).html


def subject_of(subject: str) -> str:
    return render(subject, "", VALUES).subject


def test_tokens_become_values_in_all_three_parts() -> None:
    rendered = render("Hi {{ contact.firstname }}", "<p>Dear {{contact.firstname}},</p>", VALUES)

    assert rendered == Rendered("Hi Ada", "<p>Dear Ada,</p>", "Dear Ada,")


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ contact.lastname|default('there') }}", "there"),
        ("{{ contact.city|default('there') }}", "there"),
        ("{{ contact.company|default('there') }}", "there"),
        ("{{ contact.unheard_of|d('there') }}", "there"),
        ("{{ owner.firstname|default('there') }}", "there"),
        ("{{ contact.firstname|default('there') }}", "Ada"),
        ("{{ contact.lastname|trim|upper|default('there')|capitalize }}", "There"),
        ("{{ contact.lastname|default('')|default('there') }}", "there"),
        ("{{ contact.lastname|default('') }}", ""),
        ("{{ contact.lastname|default(contact.firstname) }}", "Ada"),
        ("{{ contact.lastname or contact.city or contact.firstname }}", "Ada"),
        ("{{ contact.lastname|default(7) }}", "7"),
        ("{{ contact.firstname|upper }}", "ADA"),
        ("{{ 'ada o\\'neil-smith'|title }}", "Ada O'neil-Smith"),
        ("{{ ' x '|trim }}", "x"),
        ("{{ 'a b&c/d'|urlencode }}", "a%20b%26c%2Fd"),
        ("{{ contact.jobtitle }}", 'VP <Engines> & "more"'),
        ("{{ contact.jobtitle|e }}", 'VP <Engines> & "more"'),
        ("{{ contact.notes }}", "one two three"),
        ("{{ 'R&D' }} \n {{ 5 }}", "R&D 5"),
    ],
)
def test_a_subject_is_plain_text_in_one_line(source: str, written: str) -> None:
    assert subject_of(source) == written


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ("contact.firstname", True),
        ("contact.lastname", False),
        ("contact.company", False),
        ("not contact.lastname", True),
        ("contact.firstname is defined", True),
        ("contact.lastname is defined", False),
        ("contact.city is none", True),
        ("contact.firstname == 'Ada'", True),
        ("contact.firstname|lower == 'ada'", True),
        ("contact.lastname == 'Ada'", False),
        ("contact.lastname != 'Ada'", True),
        ("'VP' in contact.jobtitle", True),
        ("'VP' in contact.lastname", False),
        ("'VP' not in contact.lastname", True),
        ("contact.lastname or contact.firstname", True),
        ("contact.lastname and contact.firstname", False),
    ],
)
def test_a_condition_takes_a_token_without_a_value_for_false(condition: str, is_true: bool) -> None:
    assert subject_of(f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}") == (
        "yes" if is_true else "no"
    )


def test_every_token_without_a_value_or_a_default_is_named() -> None:
    with pytest.raises(MissingTokens) as missing:
        render(
            "{{ owner.firstname }} {{ contact.firstname }}",
            "{{ contact.lastname|upper }}{{ contact.city }}{{ unsubscribe_link }}"
            "{{ contact.company or contact.city }}",
            VALUES,
        )

    assert missing.value.names == (
        "contact.city",
        "contact.lastname",
        "owner.firstname",
        "unsubscribe_link",
    )


def test_a_token_in_a_branch_not_taken_is_not_missed() -> None:
    body = "{% if contact.lastname %}{{ contact.lastname }}{% else %}there{% endif %}"

    assert html_of(body) == "there"


def test_a_value_is_text_and_never_html() -> None:
    assert html_of("<p>{{ contact.jobtitle }}</p>") == ('<p>VP &lt;Engines&gt; &amp; "more"</p>')


def test_the_lines_of_a_value_stay_lines_in_a_body() -> None:
    rendered = render("", "<p>{{ contact.notes }}</p>", VALUES)

    assert rendered.html == "<p>one<br>\ntwo<br>\n<br>\nthree</p>"
    assert rendered.text == "one\ntwo\n\nthree"


def test_a_link_to_unsubscribe_can_be_put_anywhere() -> None:
    rendered = render(
        "", '<a href="{{ unsubscribe_link }}">No more</a>', VALUES, unsubscribe_url=LINK
    )

    assert rendered.html == f'<a href="{LINK.replace("&", "&amp;")}">No more</a>'
    assert rendered.text == f"No more ({LINK})"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        pytest.param(
            '<a href="https://{{ contact.domain }}/x">y</a>',
            '<a href="https://ada.example/x">y</a>',
            id="a host",
        ),
        pytest.param(
            "<a href={{ contact.website }}>y</a>",
            '<a href="https://ada.example/?a=1&amp;b=2">y</a>',
            id="without quotes",
        ),
        pytest.param(
            "<a title='{{ contact.jobtitle }}'>y</a>",
            '<a title="VP &lt;Engines&gt; &amp; &quot;more&quot;">y</a>',
            id="quotes in quotes",
        ),
        pytest.param('<img alt="{{ contact.notes }}">', '<img alt="one two  three">', id="lines"),
        pytest.param('<a href="{{ contact.script }}">y</a>', "<a>y</a>", id="a script"),
        pytest.param(
            '<p style="color: {{ contact.color }}">y</p>',
            '<p style="color:red">y</p>',
            id="a style with more styles",
        ),
        pytest.param("<{{ contact.firstname }}>y</p>", "y<p></p>", id="the name of a tag"),
        pytest.param("<p {{ contact.script }}>y</p>", "<p>y</p>", id="an attribute"),
        pytest.param("<!-- {{ contact.jobtitle }} -->y", "y", id="a comment"),
        pytest.param("<script>{{ contact.firstname }}</script>y", "y", id="a script's own"),
    ],
)
def test_a_value_in_a_tag_stays_where_it_was_put(body: str, html: str) -> None:
    assert html_of(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("<script>alert(1)</script>x", "x"),
        ("<style>p { color: red }</style>x", "x"),
        ('<p onclick="alert(1)">x</p>', "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href=" java\nscript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<img src="https://x.example/a.png" onerror="x">', '<img src="https://x.example/a.png">'),
        ('<img src="cid:logo">', '<img src="cid:logo">'),
        ('<a href="tel:+351">x</a>', '<a href="tel:+351">x</a>'),
        ('<a href="mailto:a@b.c">x</a>', '<a href="mailto:a@b.c">x</a>'),
        ('<p style="position: fixed; color: red">x</p>', '<p style="color:red">x</p>'),
        ('<p style="background-image: url(x)">x</p>', '<p style="">x</p>'),
        ('<form action="x"><input name="y">z</form>', "z"),
        ("<iframe src='https://x.example'></iframe>x", "x"),
        ("<svg onload='x'><circle/></svg>x", "x"),
        ("<math><mtext></mtext></math>x", "x"),
        ("<object data='x'></object><embed src='x'>x", "x"),
        ("<base href='https://x.example'><meta http-equiv='refresh'>x", "x"),
        ("<p>open <b>and never closed", "<p>open <b>and never closed</b></p>"),
        ("<!--[if mso]>x<![endif]-->y", "y"),
        (
            '<table role="presentation" width="600"><tbody><tr><td>x</td></tr></tbody></table>',
            '<table role="presentation" width="600"><tbody><tr><td>x</td></tr></tbody></table>',
        ),
    ],
)
def test_html_keeps_what_a_mail_program_shows_and_nothing_that_acts(body: str, html: str) -> None:
    assert html_of(body) == html


def test_a_body_without_a_tag_keeps_its_lines() -> None:
    rendered = render("", "Hi {{ contact.firstname }},\n\nR&D < fun? No.\n", VALUES)

    assert rendered.text == "Hi Ada,\n\nR&D < fun? No."


def test_the_signature_follows_the_body() -> None:
    rendered = render("", "<p>Hi</p>", VALUES, signature="<b>Rita</b><script>x</script>")

    assert rendered.html == "<p>Hi</p>\n<br>\n<div><b>Rita</b></div>"
    assert rendered.text == "Hi\n\nRita"


def test_a_signature_without_a_tag_keeps_its_lines() -> None:
    assert render("", "<p>Hi</p>", VALUES, signature="Rita\nSales\n").text == "Hi\n\nRita\nSales"


def test_a_signature_put_into_the_body_is_html_there_and_does_not_follow() -> None:
    rendered = render(
        "", "<div>{{ sender.signature }}</div>Bye", VALUES, signature="<p>Rita<br><b>Sales</b></p>"
    )

    assert rendered.html == "<div><p>Rita<br><b>Sales</b></p></div>Bye"
    assert rendered.text == "Rita\nSales\n\nBye"


def test_a_signature_in_a_subject_or_an_attribute_is_only_its_text() -> None:
    rendered = render("{{ sender.signature }}", '<p title="{{ sender.signature }}">x</p>', VALUES)

    assert rendered.subject == "Rita Sales"
    assert rendered.html == '<p title="Rita Sales">x</p>'


def test_a_template_that_cannot_be_used_is_refused_again_when_it_is_sent() -> None:
    with pytest.raises(Invalid, match="a loop cannot be used"):
        render("", "{% for a in b %}{% endfor %}", VALUES)


def test_an_email_that_grows_beyond_reason_is_refused() -> None:
    with pytest.raises(Invalid, match="more than 1,000,000 characters"):
        render("", "{{ contact.notes }}" * 1_000, {"contact": {"notes": "x" * 10_000}})


def test_many_threads_render_at_once() -> None:
    def rendered(number: int) -> str:
        values = {"contact": {"firstname": f"Ada{number}"}}
        return render("{{ contact.firstname }}", "<p>{{ contact.firstname }}</p>", values).html

    with ThreadPoolExecutor(8) as threads:
        htmls = list(threads.map(rendered, range(400)))

    assert htmls == [f"<p>Ada{number}</p>" for number in range(400)]


SYNTAX = st.sampled_from(
    [
        "<",
        ">",
        '"',
        "'",
        "&",
        "&lt;",
        "=",
        "/",
        " ",
        "\n",
        "\0",
        "{{",
        "}}",
        "{% if %}",
        "<script>",
        "</p>",
        "-->",
        "javascript:",
        "https://",
        "style=",
        "onclick=",
        ";",
        "\ud800",
        "\u2028",
    ]
)
VALUE = st.one_of(st.text(min_size=1), st.lists(SYNTAX, min_size=1).map("".join))
EVERYWHERE = """
<p title="{{ contact.x|default('a') }}">{{ contact.x|default('a') }}</p>
<a href={{ contact.x|default('a') }}>b</a>
<a href="https://c.example/{{ contact.x|default('a') }}">c</a>
<p style="color: {{ contact.x|default('a') }}">d</p>
<img alt='{{ contact.x|default("a") }}'>
"""
STRUCTURE = [("p", "title"), ("a", "href"), ("a", "href"), ("p", "style"), ("img", "alt")]


@given(VALUE)
def test_no_value_adds_to_the_structure_of_a_body(value: str) -> None:
    html = render("", EVERYWHERE, {"contact": {"x": value}}).html

    tags = [tag for tag in tags_in(html) if tag[0] != "br"]
    assert [name for name, _ in tags] == [name for name, _ in STRUCTURE]
    for (_, found), (_, allowed) in zip(tags, STRUCTURE, strict=True):
        assert set(found) <= {allowed}
    schemes = [found["href"] for _, found in tags if "href" in found]
    assert not any(re.match(r"\s*(javascript|data|vbscript)\s*:", link, re.I) for link in schemes)


@given(VALUE)
def test_no_value_adds_a_line_to_a_subject(value: str) -> None:
    subject = render("Re: {{ contact.x|default('a') }}", "", {"contact": {"x": value}}).subject

    assert subject.splitlines() == [subject]
    assert subject.startswith("Re:")
    assert subject.encode().decode() == subject


def tags_in(html: str) -> list[tuple[str, dict[str, str]]]:
    tags: list[tuple[str, dict[str, str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, {name: value or "" for name, value in attrs}))

    reader = Reader()
    reader.feed(html)
    reader.close()
    return tags
