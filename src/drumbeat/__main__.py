"""`python -m drumbeat` is the command `drumbeat`."""

from __future__ import annotations

from drumbeat.cli.main import main

if __name__ == "__main__":
    main()
