#!/usr/bin/env python3
"""Installs Drumbeat into .venv beside this file, and runs it. All it needs is Python 3.11.

    python3 run.py demo                any command of drumbeat: demo, init, serve, …
    python3 run.py test [arguments]    run every test; the arguments are pytest's
    python3 run.py bench [arguments]   measure how fast it is here; --help tells what there is
    python3 run.py check               look at style, types, layers and locks
    python3 run.py packages            name the system packages missing here, for apt-get
    python3 run.py lock [arguments]    pin the dependencies anew; needs uv, and passes it these

What is installed is exactly what requirements.lock holds, or requirements-dev.lock for test, bench
and check, each file held against its hash. uv does it where there is one, and pip otherwise.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ORIGIN = VENV / ".origin"
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"

NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
# Two at a time is where most of the gain is; each of them starts a PostgreSQL of its own.
TEST_PROCESSES = ("-n", "2", "--dist", "loadgroup")


def main(arguments: list[str]) -> None:
    use_a_python_that_is_new_enough()
    own_word = OWN_WORDS.get(arguments[0]) if arguments else None
    if own_word:
        own_word(arguments[1:])
    else:
        drumbeat(arguments or ["--help"])


# The words -----------------------------------------------------------------------------------


def drumbeat(arguments: list[str]) -> NoReturn:
    """The command itself, in the directory the user is in."""
    install(RUN_LOCK)
    become(VENV / "bin" / "drumbeat", *arguments)


def test(arguments: list[str]) -> NoReturn:
    install(DEV_LOCK)
    if lacking := missing_parts():
        say(f"Not every test can run here without {names(lacking)}: {apt_get(lacking)}")
    os.chdir(ROOT)
    become(PYTHON, "-m", "pytest", *TEST_PROCESSES, *arguments)


def bench(arguments: list[str]) -> NoReturn:
    install(DEV_LOCK)
    os.chdir(ROOT)
    become(PYTHON, "-m", "benchmarks", *arguments)


def check(_arguments: list[str]) -> NoReturn:
    """Run every check, even after one has failed."""
    install(DEV_LOCK)
    python = partial(complaints_of, PYTHON, "-m")
    checks = {
        "ruff check": partial(python, "ruff", "check", "--quiet"),
        "ruff format": partial(python, "ruff", "format", "--check", "--quiet"),
        "mypy": partial(python, "mypy"),
        "lint-imports": partial(complaints_of, VENV / "bin" / "lint-imports", "--no-logo"),
    }
    if uv := find_uv():
        checks["uv.lock"] = partial(complaints_of, uv, "lock", "--check", "--quiet")
        for lock_file in EXPORTS:
            checks[lock_file.name] = partial(complaints_about_export, uv, lock_file)
    failed = [name for name, look in checks.items() if not passes(name, look)]
    if not uv:
        print("The locks were not compared with uv.lock: uv is not on PATH.")
    sys.exit(f"Failed: {', '.join(failed)}" if failed else 0)


def packages(_arguments: list[str]) -> None:
    """Prints what apt-get would have to install, and nothing where all is there."""
    for part in missing_parts():
        print(part.package)


def lock(arguments: list[str]) -> None:
    uv = find_uv() or sys.exit("Locking needs uv on PATH: https://docs.astral.sh/uv/")
    subprocess.run([uv, "lock", *arguments], check=True, cwd=ROOT)
    for lock_file in EXPORTS:
        lock_file.write_text(export(uv, lock_file))


OWN_WORDS: dict[str, Callable[[list[str]], None]] = {
    "test": test,
    "bench": bench,
    "check": check,
    "packages": packages,
    "lock": lock,
}


# What the system has to give -----------------------------------------------------------------


class SystemPart(NamedTuple):
    """Something that pip cannot install, and the Debian package that brings it."""

    name: str
    is_there: Callable[[], bool]
    package: str


def can_make_environments() -> bool:
    # Debian leaves ensurepip out of its Python; the pip of the system can stand in for it.
    return bool(find_uv() or find_spec("ensurepip") or find_spec("pip"))


VENV_PART = SystemPart("Python's venv", can_make_environments, "python3-venv")
# Two pages of the docs have it typed, and a test types what they say.
CURL_PART = SystemPart("curl", lambda: bool(shutil.which("curl")), "curl")
SYSTEM_PARTS = [VENV_PART, CURL_PART]


def missing_parts() -> list[SystemPart]:
    return [part for part in SYSTEM_PARTS if not part.is_there()]


def names(parts: list[SystemPart]) -> str:
    return ", ".join(part.name for part in parts)


def apt_get(parts: list[SystemPart]) -> str:
    return f"apt-get install -y {' '.join(part.package for part in parts)}"


def use_a_python_that_is_new_enough() -> None:
    """Start over with a newer Python where this one is too old; exits where there is none."""
    if sys.version_info >= (3, 11):  # noqa: UP036, the older ones get this far
        return
    for name in NEWER_PYTHONS:
        if newer := shutil.which(name):
            os.execv(newer, [newer, __file__, *sys.argv[1:]])
    sys.exit(f"Drumbeat needs Python 3.11 or newer; this is {sys.version.split()[0]}.")


@cache
def find_uv() -> str | None:
    """The uv on PATH that runs: a version manager may have left one there that does not."""
    uv = shutil.which("uv")
    return uv if uv and runs(uv, "--version") else None


# Installing ----------------------------------------------------------------------------------


def install(lock_file: Path) -> None:
    """Make .venv hold what *lock_file* names and the project itself, unless it does already."""
    if is_installed(lock_file):
        return
    with one_at_a_time():
        # Another one may have done it while we waited.
        if is_installed(lock_file):
            return
        is_usable = is_environment_usable()
        if not is_usable and not can_make_environments():
            sys.exit(f"{VENV_PART.name} is missing. This installs it: {apt_get([VENV_PART])}")
        say(f"Installing what {lock_file.name} pins into .venv; it takes a minute at most …")
        # A stamp stands for a whole installation, so there is none until this one is whole.
        for each in (RUN_LOCK, DEV_LOCK):
            stamp(each).unlink(missing_ok=True)
        try:
            if not is_usable:
                make_environment()
            install_packages(lock_file)
        except subprocess.CalledProcessError:
            sys.exit("The installation did not get to its end; the same command tries again.")
        write_stamps(lock_file)


def is_installed(lock_file: Path) -> bool:
    at = stamp(lock_file)
    return at.exists() and at.read_text() == fingerprint(lock_file)


def write_stamps(lock_file: Path) -> None:
    ORIGIN.write_text(origin())
    if lock_file == DEV_LOCK:
        # It holds all that the other one does.
        stamp(RUN_LOCK).write_text(fingerprint(RUN_LOCK))
    stamp(lock_file).write_text(fingerprint(lock_file))


def stamp(lock_file: Path) -> Path:
    return VENV / f".installed-{lock_file.name}"


def fingerprint(lock_file: Path) -> str:
    """Changes with whatever makes another installation necessary."""
    parts = [origin().encode(), lock_file.read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def origin() -> str:
    """Where .venv stands and the Python it came from. Its files hold both, so neither may move."""
    return f"{VENV}\n{PYTHON.resolve()}\n"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for any other run.py that is installing here."""
    lock = os.open(ROOT, os.O_RDONLY)
    # The installers inherit it: when we are killed they live on, and hold it until they end.
    os.set_inheritable(lock, True)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another run.py that is installing here …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def is_environment_usable() -> bool:
    has_moved = ORIGIN.exists() and ORIGIN.read_text() != origin()
    return not has_moved and is_environment() and can_install_packages()


def is_environment() -> bool:
    # Half of one can still run, as the system's Python, and would install into the system.
    return runs(PYTHON, "-c", "import sys; sys.exit(sys.prefix == sys.base_prefix)")


def can_install_packages() -> bool:
    return bool(find_uv()) or runs(PYTHON, "-m", "pip", "--version") or find_spec("pip") is not None


def make_environment() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    if uv := find_uv():
        python = ["--no-python-downloads", "--python", sys.executable]
        run_installer(uv, "venv", "--quiet", *python, VENV)
    else:
        without = [] if find_spec("ensurepip") else ["--without-pip"]
        run_installer(sys.executable, "-m", "venv", *without, VENV)


def install_packages(lock_file: Path) -> None:
    installer = package_installer()
    run_installer(*installer, "--require-hashes", "-r", lock_file)
    # The build backend came with the lock. Without isolation it is that one that builds.
    run_installer(*installer, "--no-deps", "--no-build-isolation", "-e", ROOT)


def package_installer() -> list[str | Path]:
    if uv := find_uv():
        # As pip does it unasked: where Python may not write .pyc files, every start would be slow.
        return [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", PYTHON]
    # Once more quiet than its warnings: they are about the machine's set-up, not about ours.
    quietly = ["-qq", "--disable-pip-version-check", "--root-user-action=ignore"]
    if runs(PYTHON, "-m", "pip", "--version"):
        return [PYTHON, "-m", "pip", "install", *quietly]
    return [sys.executable, "-m", "pip", "--python", PYTHON, "install", *quietly]


def run_installer(*command: str | Path) -> None:
    # Not from the project's directory: there uv would apply the cooldown for new releases to
    # what is locked already, and an index that gives no dates would have nothing to offer.
    subprocess.run(command, check=True, cwd=ROOT.anchor, close_fds=False)


# Checking ------------------------------------------------------------------------------------

EXPORTS = {
    RUN_LOCK: ["--no-default-groups", "--group", "build"],
    DEV_LOCK: ["--no-default-groups", "--all-groups"],
}


def passes(name: str, look: Callable[[], str]) -> bool:
    """Whether *look* finds nothing to complain of; prints what it does find."""
    print(f"{name:<22} ", end="", flush=True)
    complaints = look()
    print("FAILED" if complaints else "ok")
    if complaints:
        print(complaints.rstrip(), end="\n\n")
    return not complaints


def complaints_of(*command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    return done.stdout or f"it ended with status {done.returncode}"


def complaints_about_export(uv: str, lock_file: Path) -> str:
    if pins(export(uv, lock_file)) == pins(lock_file.read_text()):
        return ""
    return f"{lock_file.name} is not what uv.lock says: run  python3 run.py lock"


def export(uv: str, lock_file: Path) -> str:
    """What *lock_file* should hold according to uv.lock."""
    options = ["--frozen", "--quiet", "--no-emit-project", "--no-header", *EXPORTS[lock_file]]
    exported = subprocess.run(
        [uv, "export", *options], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return f"# Made from uv.lock by: python3 run.py lock\n{exported.stdout}"


def pins(requirements: str) -> list[str]:
    """The lines that count: one uv words its comments differently from another."""
    return [line for line in requirements.splitlines() if not line.lstrip().startswith("#")]


# Processes -----------------------------------------------------------------------------------


def become(program: Path, *arguments: str) -> NoReturn:
    """Run *program* in place of this process, so that signals reach it."""
    sys.stderr.flush()
    os.execv(program, [str(program), *arguments])


def runs(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def say(message: str) -> None:
    """To stderr: stdout belongs to the program that is started."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
