"""The files of a directory of sequences, on the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from drumbeat.documents.directory import MOST_FILES, SEQUENCE_SUFFIXES, TEMPLATE_SUFFIXES
from drumbeat.documents.files import LARGEST_FILE, Text
from drumbeat.errors import Invalid

SUFFIXES = (*SEQUENCE_SUFFIXES, *TEMPLATE_SUFFIXES)


def files_in(directory: Path) -> dict[str, bytes]:
    """What every file holds that may be ours, by its path from the directory, with slashes."""
    files: dict[str, bytes] = {}
    for path in paths_in(directory):
        if len(files) == MOST_FILES:
            raise Invalid(f"there are more than {MOST_FILES:,} files in {directory}; is it right?")
        with path.open("rb") as file:
            # One byte more says that it is too large, however large it is.
            files[path.relative_to(directory).as_posix()] = file.read(LARGEST_FILE + 1)
    return files


def paths_in(directory: Path) -> Iterator[Path]:
    if not directory.is_dir():
        raise Invalid(f"there is no directory {directory}")
    for folder, folders, names in os.walk(directory):
        # Such as .git and .github, which are other programs'.
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and name.lower().endswith(SUFFIXES) and path.is_file():
                yield path


def write_all(directory: Path, texts: Iterable[Text]) -> None:
    """Write the files, each in whole or not at all."""
    for text in texts:
        path = (directory / text.path).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, text.raw())


def write(path: Path, raw: bytes) -> None:
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".drumbeat-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        if path.exists():
            shutil.copymode(path, beside)
        else:
            Path(beside).chmod(0o666 & ~umask())
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
