"""The layers, as pyproject.toml draws them."""

from __future__ import annotations

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.house.sources import PACKAGE


def test_every_module_imports_only_what_its_layer_may(capsys: pytest.CaptureFixture[str]) -> None:
    pyproject = PACKAGE.parent.parent / "pyproject.toml"

    status = lint_imports(str(pyproject), no_cache=True, no_logo=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
