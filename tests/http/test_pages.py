from __future__ import annotations

from drumbeat.http.pages import in_code


def test_what_stands_in_backticks_is_shown_as_code_and_the_rest_is_escaped() -> None:
    assert in_code("`a` <b> and `c`") == "<code>a</code> &lt;b&gt; and <code>c</code>"
