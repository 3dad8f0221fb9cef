"""The pages that say what to type: whoever types it gets what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.walking import ROOT, walk


@pytest.mark.timeout(300)
def test_whoever_follows_the_page_for_app_developers_gets_what_it_says(tmp_path: Path) -> None:
    page = ROOT / "docs" / "howto" / "test-against-drumbeat.md"

    walk(page.read_text(encoding="utf-8"), tmp_path)


@pytest.mark.timeout(300)
def test_whoever_follows_the_quickstart_gets_what_it_says(tmp_path: Path) -> None:
    page = ROOT / "docs" / "quickstart.md"

    # What is there already is not installed once more.
    walk(page.read_text(encoding="utf-8"), tmp_path, skip=["1. Install"])
