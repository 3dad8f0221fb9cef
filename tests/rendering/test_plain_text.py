from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumbeat.rendering.cleaning import clean
from drumbeat.rendering.plain_text import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("Hi  there,\n you", "Hi there, you", id="spaces"),
        pytest.param("<p>One</p><p>Two</p>", "One\n\nTwo", id="paragraphs"),
        pytest.param("<p>One</p>\n\n  <p> Two </p>", "One\n\nTwo", id="spaces between paragraphs"),
        pytest.param("<div>One</div><div>Two</div>", "One\nTwo", id="lines"),
        pytest.param("<div>a</div><div><br></div><div>b</div>", "a\n\nb", id="an empty line"),
        pytest.param("One<br>Two<br><br>Three", "One\nTwo\n\nThree", id="breaks"),
        pytest.param("<p>One<br></p><p>Two</p>", "One\n\nTwo", id="a break at the end"),
        pytest.param("a<br><br><br><br>b", "a\n\nb", id="many breaks"),
        pytest.param("one <b>bold</b>, <i>it</i>alic", "one bold, italic", id="inline tags"),
        pytest.param("<b>a </b> <i> b</i>", "a b", id="spaces around inline tags"),
        pytest.param("a&nbsp;b &amp; &lt;c&gt; &eacute;", "a b & <c> é", id="entities"),
        pytest.param("<h1>Title</h1>text<h2>More</h2>", "Title\n\ntext\n\nMore", id="headings"),
        pytest.param("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc", id="a list"),
        pytest.param("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b", id="a numbered list"),
        pytest.param('<ol start="5"><li>a</li></ol>', "5. a", id="a list that begins later"),
        pytest.param('<ol start="x"><li>a</li></ol>', "1. a", id="a list that begins nowhere"),
        pytest.param("<ul><li><p>a</p></li><li>b</li></ul>", "- a\n\n- b", id="paragraphs listed"),
        pytest.param(
            "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>",
            "- a\n  1. b\n  2. c\n- d",
            id="a list in a list",
        ),
        pytest.param("<li>a</li>", "- a", id="an item in no list"),
        pytest.param("a<hr>b", "a\n\n--------------------\n\nb", id="a rule"),
        pytest.param("<pre>a\n  b</pre>", "a\n  b", id="preformatted"),
        pytest.param("<blockquote>a</blockquote>b", "a\n\nb", id="a quotation"),
        pytest.param('a <img alt="smile"> b<img src="x">', "a smile b", id="images"),
        pytest.param(
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>e",
            "a b\nc d\n\ne",
            id="a table",
        ),
        pytest.param(
            '<a href="https://x.test/a">here</a>.', "here (https://x.test/a).", id="a link"
        ),
        pytest.param('<a href="https://x.test/">X.test</a>', "X.test", id="a link to its label"),
        pytest.param('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c", id="an address"),
        pytest.param(
            '<a href="mailto:a@b.c">mail me</a>', "mail me (a@b.c)", id="an address named"
        ),
        pytest.param('<a href="tel:+351">call</a>', "call (+351)", id="a number"),
        pytest.param('<a href="https://x.test"><img></a>', "https://x.test", id="a bare link"),
        pytest.param('<a href="#top">top</a><a name="x">y</a>', "topy", id="links to nowhere"),
        pytest.param(
            '<p>a <a href="https://x.test"><b>b</b> c</a> d</p>',
            "a b c (https://x.test) d",
            id="a link within a text",
        ),
        pytest.param("</p></ul></a></pre>a", "a", id="ends without a beginning"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_html_reads_as_a_person_would_have_typed_it(html: str, text: str) -> None:
    assert plain_text(html) == text


TAGS = st.sampled_from(["p", "br", "ul", "li", "a href=x", "td", "table", "pre", "div", "hr", "b"])
PIECES = st.one_of(
    TAGS.map("<{}>".format), TAGS.map("</{}>".format), st.sampled_from("a <\n\t\xa0&>")
)


@given(st.lists(PIECES).map("".join))
def test_any_html_makes_a_text_without_loose_ends(html: str) -> None:
    text = plain_text(clean(html))

    assert text == text.strip("\n")
    assert "\n\n\n" not in text
    assert not any(line.endswith(" ") for line in text.split("\n"))
