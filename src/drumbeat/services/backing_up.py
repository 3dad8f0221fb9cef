"""A copy of everything, to start again from: the database, its keys, and a word on what it is."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import drumbeat
from drumbeat.clock import Clock
from drumbeat.errors import Conflict
from drumbeat.services.sealing import KEY_FILE, OWNER_ONLY
from drumbeat.store import copying, schema
from drumbeat.store.database import Database

FILE_ENDINGS = (".db", ".sqlite", ".sqlite3", ".dump")
MANIFEST = "backup.json"
UNFINISHED = ".drumbeat-backup-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the parts of a backup go."""

    database: Path
    key: Path
    manifest: Path

    @property
    def directory(self) -> Path:
        return self.database.parent

    @classmethod
    def at(cls, path: Path, *, is_sqlite: bool) -> Place:
        """In the directory *path*, named as in a data directory; or beside the file *path*."""
        if path.suffix in FILE_ENDINGS and not path.is_dir():
            key, manifest = path.with_suffix(".key"), path.with_suffix(".json")
            return cls(database=path, key=key, manifest=manifest)
        name = "drumbeat.db" if is_sqlite else "drumbeat.dump"
        return cls(database=path / name, key=path / KEY_FILE, manifest=path / MANIFEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    place: Place
    made_at: datetime
    product: str
    schema: str | None
    size: int
    has_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackingUp:
    database: Database
    clock: Clock
    key_file: Path | None
    """None where the keys are kept by whoever runs this, as a setting."""

    def back_up(
        self,
        place: Place,
        *,
        replaces: bool = False,
        on_progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> Backup:
        """Copy everything to *place* at once: until it is complete and checked, nothing is there.

        Raises Conflict where something stands there already, unless it *replaces* that, and
        Unavailable where the database cannot be copied.
        """
        self.refuse_taken(place, replaces=replaces)
        made_at = self.clock.now()
        with unfinished(place.directory) as draft:
            copied = draft / place.database.name
            if self.database.is_sqlite:
                copying.copy_of_sqlite(self.database, copied, on_progress)
            else:
                copying.copy_of_postgresql(self.database, copied)
            backup = self.described(place, copied, made_at)
            manifest = draft / place.manifest.name
            manifest.write_text(manifest_of(backup, copied), encoding="utf-8")
            key = self.copy_key(draft / place.key.name)
            put_in_place([(key, place.key), (copied, place.database), (manifest, place.manifest)])
        return backup

    def back_up_key(self, place: Place, *, replaces: bool = False) -> bool:
        """Copy the key alone, where something else copies the database; whether there is one."""
        self.refuse_taken(place, replaces=replaces)
        if not self.has_key:
            return False
        with unfinished(place.directory) as draft:
            put_in_place([(self.copy_key(draft / place.key.name), place.key)])
        return True

    @property
    def has_key(self) -> bool:
        return self.key_file is not None and self.key_file.exists()

    def refuse_taken(self, place: Place, *, replaces: bool) -> None:
        own = [self.key_file, self.database.file if self.database.is_sqlite else None]
        taken = [each for each in (place.database, place.key, place.manifest) if each.exists()]
        for each in taken:
            if any(mine is not None and mine.exists() and each.samefile(mine) for mine in own):
                raise Conflict(f"{each} is what is to be copied; back up to another place")
        if taken and not replaces:
            listed = ", ".join(str(each) for each in taken)
            raise Conflict(f"there is {listed} already; --force replaces what is there")
        log = place.database.with_name(f"{place.database.name}-wal")
        if log.exists():
            raise Conflict(
                f"{place.database} is in use: {log.name} is beside it; take another place"
            )

    def copy_key(self, to: Path) -> Path | None:
        if self.key_file is None or not self.key_file.exists():
            return None
        shutil.copyfile(self.key_file, to)
        return to

    def described(self, place: Place, copied: Path, made_at: datetime) -> Backup:
        with self.database.reading() as tx:
            return Backup(
                place=place,
                made_at=made_at,
                product=schema.product(tx),
                schema=schema.applied(tx),
                size=copied.stat().st_size,
                has_key=self.has_key,
            )


def manifest_of(backup: Backup, copied: Path) -> str:
    """What this is, for whoever finds it: and whether it is still what was written."""
    with copied.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    described = {
        "madeBy": f"Drumbeat {drumbeat.__version__}",
        "madeAt": f"{backup.made_at:%Y-%m-%dT%H:%M:%SZ}",
        "database": {
            "file": backup.place.database.name,
            "from": backup.product,
            "schema": backup.schema,
            "bytes": backup.size,
            "sha256": checksum,
        },
        "key": backup.place.key.name if backup.has_key else None,
    }
    return json.dumps(described, indent=2) + "\n"


@contextmanager
def unfinished(directory: Path) -> Iterator[Path]:
    """A directory for what is not complete yet, on the same disk as it will be; gone after."""
    if directory.exists() and not directory.is_dir():
        raise Conflict(f"{directory} is a file; name a directory, or a file that ends in .db")
    made = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=directory))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if made:
            # There is something in it, unless we gave up.
            with suppress(OSError):
                directory.rmdir()


def put_in_place(parts: list[tuple[Path | None, Path]]) -> None:
    """Give each part its name, once all of them have reached the disk."""
    there = [(draft, final) for draft, final in parts if draft is not None]
    for draft, _ in there:
        draft.chmod(OWNER_ONLY)
        reach_disk(draft)
    for draft, final in there:
        draft.replace(final)
    for directory in {final.parent for _, final in there}:
        reach_disk(directory)


def reach_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
