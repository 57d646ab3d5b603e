"""Faults on purpose: processes killed, disks filled and bytes flipped under a data directory of invented documents.

    python -m tests.faults kills --number 200 --seed 1 [--only migrate]
    python -m tests.faults full --number 30 --seed 1
    python -m tests.faults flips --number 20 --seed 1
    python -m tests.faults readonly
    python -m tests.faults power --number 200 --seed 1

``kills`` runs ingest, update, rebuild, removal, backup and restore, and with milvus-lite the moving of vectors to it
and back, in a process that is ended by SIGKILL, at a moment
by the clock or at one of its own steps on the file system (a file opened, linked, renamed, deleted), one after
another on one data directory. After each, what is there must be whole and searchable; then the same command must
complete it, with every document found once. ``full`` does the same under a limit on the size of files. ``flips``
changes single bytes in every file, and says what ``check`` finds and whether a search notices what it does not.
``readonly`` (as root) searches, checks and updates as a user who may only read. ``power`` records what
operations do to their files, by strace, and tries states that a power cut may leave: what was not synchronised is kept,
lost or torn. Anything amiss is printed, and the exit
code is 1. The same seed makes the same documents, moments and bytes; how far a process gets by the clock varies.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from corpus import reading_lists
from corpus.backup import backup
from corpus.catalogue import RESTORING, Catalogue
from corpus.errors import MinutebookError
from corpus.fetched import Record, Shelf
from corpus.filters import Filters, matching_rows
from corpus.locking import alone
from corpus.restoring import restore
from index import engine, generations
from index.build import lag, update
from index.check import check
from index.encoder import Encoder, Vectors
from index.migrate import migrate
from index.search import Searcher
from ingest.pipeline import ingest

DIMENSION = 64
MOST_DOCUMENTS = 40
_WORDS = (
    "ferry lantern orchard quarry steeple weir meadow kiln harbour tannery gorse pavement bandstand culvert turnpike "
    "allotment belfry causeway dovecote estuary foundry gantry hamlet icehouse jetty knoll lychgate millpond"
).split()
_STEPS = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.copyfile")


class Hashed(Encoder):
    """An encoder without a model: the same words always get the same vector."""

    @property
    def model_id(self) -> str:
        """Return the name of the model."""
        return "hashed"

    @property
    def dimension(self) -> int:  # type: ignore[override]
        """Return the length of a vector."""
        return DIMENSION

    @property
    def token_limit(self) -> int:  # type: ignore[override]
        """Return the most words of one text."""
        return 120

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(text.split()) for text in texts]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""
        seeds = (int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts)
        vectors = np.stack([np.random.default_rng(seed).normal(size=DIMENSION) for seed in seeds])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    encode_queries = encode_passages


@dataclass
class World:
    """A folder of invented documents and the data directory made of it; ``held``: the word of each file's own."""

    place: Path
    chance: random.Random
    held: dict[str, str] = field(default_factory=dict)
    made: int = 0

    @property
    def folder(self) -> Path:
        """Where the documents stand."""
        return self.place / "minutes"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.place / "data"

    def write(self, name: str | None = None) -> None:
        """Write a new document, or other words into one, with a word that no other document has."""
        self.made += 1
        name = name or f"minutes-{self.made}.txt"
        word = "zaq" + "".join(chr(97 + int(digit)) for digit in f"{self.made:05d}") + "ox"
        paragraphs = (" ".join(self.chance.choices(_WORDS, k=self.chance.randint(8, 30))) for _ in range(3))
        text = "\n\n".join(f"The committee noted the {words}." for words in paragraphs)
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(f"{text}\n\nThe {word} was discussed.\n", encoding="utf-8")
        self.held[name] = word


# -- what is done --------------------------------------------------------------------------------------


def run_ingest(world: World) -> None:
    """Read the folder and bring the index up to date, as ``minutebook ingest`` does."""
    catalogue = Catalogue(world.data, create=True)
    with alone(world.data, "ingest"):
        ingest([world.folder], catalogue, Hashed())
        update(catalogue, Hashed())


def run_read(world: World) -> None:
    """Read the folder and leave the index behind."""
    ingest([world.folder], Catalogue(world.data, create=True), Hashed())


def run_update(world: World) -> None:
    """Bring the index up to date."""
    update(Catalogue(world.data), Hashed())


def run_rebuild(world: World) -> None:
    """Make the index anew."""
    update(Catalogue(world.data), Hashed(), from_scratch=True)


def run_remove(world: World) -> None:
    """Forget the files that are not in the folder any more, as ``minutebook remove`` does."""
    catalogue = Catalogue(world.data)
    gone = [
        row[0]
        for row in catalogue.connection.execute("SELECT location FROM sources").fetchall()
        if not Path(row[0]).exists()
    ]
    catalogue.remove(gone)
    update(catalogue, Hashed())


def run_backup(world: World) -> None:
    """Write a backup, which is as good as its restoring."""
    target = world.place / "backup.zip"
    target.unlink(missing_ok=True)
    backup(world.data, target)


def run_restore(world: World) -> None:
    """Put the backup in place of the data directory."""
    restore(world.place / "backup.zip", world.data, force=True)
    run_rebuild(world)


def engine_of(world: World) -> str:
    """Return the engine that vectors are moved to: a file of milvus-lite beside the data directory."""
    return f"milvus+lite://{world.place / 'vectors.db'}"


def run_migrate(world: World) -> None:
    """Move the vectors to an engine, and then back."""
    catalogue = Catalogue(world.data)
    migrate(catalogue, _where(world), engine_of(world))
    migrate(catalogue, engine_of(world), "")


def _where(world: World) -> str:
    """Return where the vectors of the current index are: in the engine, or (empty) in the data directory."""
    generation = generations.current(world.data / "index")
    return engine_of(world) if generation and engine.place(generation.directory) else ""


def prepare(world: World, name: str) -> None:
    """Bring about what an operation is to work on."""
    if name in ("ingest", "update"):
        for _ in range(world.chance.randint(1, 5)):
            world.write(world.chance.choice(list(world.held)) if world.chance.random() < 0.3 else None)
    if name == "update":
        must(world, run_read)
    if name == "remove":
        for file in world.chance.sample(sorted(world.held), world.chance.randint(1, 4)):
            (world.folder / file).unlink()
            del world.held[file]
    if name == "restore":
        must(world, run_backup)


OPERATIONS: dict[str, Callable[[World], None]] = {
    "ingest": run_ingest,
    "update": run_update,
    "rebuild": run_rebuild,
    "remove": run_remove,
    "backup": run_backup,
    "restore": run_restore,
    **({"migrate": run_migrate} if find_spec("milvus_lite") and find_spec("pymilvus") else {}),
}


# -- what must hold ------------------------------------------------------------------------------------


def unsound(world: World, unharmed: dict[str, str]) -> list[str]:
    """Return what is wrong right after a kill: what was committed before it and was not to change must be found."""
    if (world.data / RESTORING).exists():
        try:
            Catalogue(world.data)
        except MinutebookError as exc:
            return [] if "interrupted" in str(exc) else [f"a restore was interrupted, and it says {exc}"]
        return ["a restore was interrupted, and the data directory is used all the same"]
    if not (world.data / "catalogue.sqlite").exists():
        return ["the catalogue has gone"]
    where = _where(world)
    wrong = [f"{problem.store}: {problem.what}" for problem in check(world.data, where).problems]
    if (world.data / "index" / "current").exists():
        wrong += not_found(Searcher(Catalogue(world.data), Hashed(), where=where), unharmed)
    return wrong


def incomplete(world: World) -> list[str]:
    """Return what is wrong once the command was run again: all must be there, once, and nothing else."""
    wrong = [f"{problem.store}: {problem.what}" for problem in check(world.data).problems]
    catalogue = Catalogue(world.data)
    searcher = Searcher(catalogue, Hashed())
    wrong += not_found(searcher, world.held)
    current = catalogue.connection.execute("SELECT COUNT(*) FROM documents WHERE current").fetchone()[0]
    if current != len(world.held):
        wrong.append(f"{current} documents for {len(world.held)} files")
    if searcher.columns.row.tolist() != matching_rows(catalogue, Filters()):
        wrong.append("the index holds other passages than the catalogue")
    behind = lag(catalogue)
    if behind.missing or behind.gone:
        wrong.append(f"the index is behind: {behind}")
    left = {entry.name for entry in world.data.iterdir()} - {
        "catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm", "index", "writer.lock",
        "collections.db", "fetched",
    }  # fmt: skip
    if left:
        wrong.append(f"left behind: {sorted(left)}")
    return wrong


def not_found(searcher: Searcher, words: dict[str, str]) -> list[str]:
    """Return the documents that are not found by their own word, exactly once and under their own name."""
    wrong = []
    for name, word in words.items():
        if not word:  # withdrawn
            continue
        found = [hit.path for hit in searcher.search(word).hits if word in hit.text]
        if found != [name]:
            wrong.append(f"{name} ({word}) is found as {found}")
    return wrong


# -- in a process of its own -----------------------------------------------------------------------------


def apart(work: Callable[[], list[str]], before: Callable[[], None] = lambda: None) -> tuple[int, list[str]]:
    """Run in a forked process; return its status as os.waitpid gives it, and what it found."""
    pid, reading = _fork(work, before)
    return _ended(pid, reading)


def _fork(work: Callable[[], list[str]], before: Callable[[], None]) -> tuple[int, int]:
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        before()
        found = work()
    except MinutebookError as exc:
        found = [f"explained: {exc}"]
    except BaseException:
        found = [traceback.format_exc()]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.write(writing, json.dumps(found)[:60_000].encode())
    os._exit(0)


def _ended(pid: int, reading: int) -> tuple[int, list[str]]:
    with os.fdopen(reading, "rb") as opened:
        said = opened.read()
    _, status = os.waitpid(pid, 0)
    return status, json.loads(said) if said else []


def must(world: World, operation: Callable[[World], None]) -> float:
    """Run an operation to its end in a process of its own; return the seconds it took."""
    began = time.perf_counter()
    status, found = apart(lambda: operation(world) or [])
    if status or found:
        raise SystemExit(f"{operation.__name__} does not complete: {found or status}")
    return time.perf_counter() - began


def steps_of(world: World, operation: Callable[[World], None]) -> int:
    """Run an operation to its end; return how many steps on the file system it made in the data directory."""
    counted = [0]

    def work() -> list[str]:
        operation(world)
        return [str(counted[0])]

    _, found = apart(work, lambda: _at_step(world, 0, counted))
    return int(found[0])


def _at_step(world: World, wanted: int, counted: list[int]) -> None:
    """Count this process's steps on the file system, and end it at the one that is wanted (0: at none)."""
    place = str(world.place)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in _STEPS and any(str(argument).startswith(place) for argument in arguments[:2]):
            counted[0] += 1
            if counted[0] == wanted:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


# -- kills ---------------------------------------------------------------------------------------------


def kills(place: Path, number: int, seed: int, only: str = "") -> list[str]:
    """Kill so many processes; return what went wrong.

    Args:
        only: the operation to kill, if not all.
    """
    names = [only] if only else list(OPERATIONS)
    world = World(place, random.Random(seed))
    for _ in range(10):
        world.write()
    seconds, steps = dict[str, float](), dict[str, int]()
    must(world, run_ingest)
    for name, operation in OPERATIONS.items():  # how long each takes, and how many steps
        prepare(world, name)
        began = time.perf_counter()
        steps[name] = steps_of(world, operation)
        seconds[name] = time.perf_counter() - began
    wrong, killed, tried, by_name = list[str](), 0, 0, Counter[str]()
    while killed < number and tried < 4 * number:
        tried += 1
        name = "remove" if len(world.held) > MOST_DOCUMENTS else world.chance.choice(names)
        if name == "remove" and len(world.held) < 8:
            name = "ingest"
        unharmed = dict(world.held)
        prepare(world, name)
        unharmed = {file: word for file, word in unharmed.items() if world.held.get(file) == word}
        moment = world.chance.random()
        by_steps = world.chance.random() < 0.5
        was_killed, said = _killed(world, name, moment, steps[name] if by_steps else 0, seconds[name])
        killed += was_killed
        by_name[name] += was_killed
        trouble = [] if was_killed else said
        trouble += apart(lambda world=world, unharmed=unharmed: unsound(world, unharmed))[1]  # type: ignore[misc]
        must(world, OPERATIONS[name])
        trouble += apart(lambda world=world: incomplete(world))[1]  # type: ignore[misc]
        how = f"seed {seed}, trial {tried}: {name} at {moment:.3f} of its {'steps' if by_steps else 'time'}"
        wrong += [f"{how}: {what}" for what in trouble]
        if trouble:
            print(how, trouble, flush=True)
    print(f"seed {seed}: {killed} kills in {tried} trials ({dict(by_name)}), {len(wrong)} faults")
    return wrong if killed >= number else [*wrong, f"only {killed} of {number} processes could be killed"]


def _killed(world: World, name: str, moment: float, steps: int, seconds: float) -> tuple[bool, list[str]]:
    """Run an operation and kill it; return whether that came in time, and what it said if not."""
    operation = OPERATIONS[name]
    before: Callable[[], None] = os.setsid
    if steps:
        before = lambda: _at_step(world, 1 + int(moment * steps), [0])  # noqa: E731
    pid, reading = _fork(lambda: operation(world) or [], before)
    if not steps:
        time.sleep(moment * seconds)
        os.kill(pid, signal.SIGKILL)
    status, said = _ended(pid, reading)
    return os.WIFSIGNALED(status), said


# -- a full disk ---------------------------------------------------------------------------------------


def full(place: Path, number: int, seed: int) -> list[str]:
    """Run operations with too little room; return what went wrong.

    As root half of them run on a disk of their own that is filled up before, the others, and all where none can be
    mounted, under a limit on the size of a file.
    """
    mounting = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    mounted = os.getuid() == 0 and subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    try:
        return _full(World(place, random.Random(seed)), number, f"seed {seed}", mounted)
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def _full(world: World, number: int, seed: str, mounted: bool) -> list[str]:
    for _ in range(10):
        world.write()
    must(world, run_ingest)
    wrong, refused, filled = list[str](), 0, 0
    for trial in range(number):
        name = world.chance.choice([name for name in OPERATIONS if name not in ("remove", "migrate")])
        unharmed = dict(world.held)
        prepare(world, name)
        unharmed = {file: word for file, word in unharmed.items() if world.held.get(file) == word}
        room, on_disk = int(2 ** world.chance.uniform(9, 18)), mounted and world.chance.random() < 0.5
        filled += on_disk
        said = _with_room(world, OPERATIONS[name], room, on_disk)
        refused += bool(said)
        trouble = [what for what in said if not what.startswith("explained: ")]
        trouble += apart(lambda world=world, unharmed=unharmed: unsound(world, unharmed))[1]  # type: ignore[misc]
        must(world, OPERATIONS[name])
        trouble += apart(lambda world=world: incomplete(world))[1]  # type: ignore[misc]
        how = f"{seed}, trial {trial}: {name} with {room:,} bytes {'on the disk' if on_disk else 'a file'}"
        wrong += [f"{how}: {what}" for what in trouble]
        if trouble:
            print(how, *trouble, flush=True)
    print(
        f"{seed}: {number} operations with too little room ({filled} on a full disk), {refused} stopped, "
        f"{len(wrong)} faults"
    )
    return wrong


def _with_room(world: World, operation: Callable[[World], None], room: int, on_disk: bool) -> list[str]:
    """Run an operation with so many bytes left on the disk, or with files of no more than those."""
    if not on_disk:
        limits = (room, resource.RLIM_INFINITY)
        return apart(lambda: operation(world) or [], lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits))[1]
    filler, status = world.place / "filler", os.statvfs(world.place)
    with filler.open("wb") as opened:
        opened.write(bytes(max(0, status.f_bavail * status.f_bsize - room)))
    try:
        return apart(lambda: operation(world) or [])[1]
    finally:
        filler.unlink()


# -- flipped bytes -------------------------------------------------------------------------------------


def flips(place: Path, number: int, seed: int) -> list[str]:
    """Flip so many single bytes of every file; return those that ``check`` did not find and that did harm."""
    world = World(place, random.Random(seed))
    for _ in range(MOST_DOCUMENTS):
        world.write()
    must(world, run_ingest)
    must(world, _keep_some)
    must(world, lambda world: Catalogue(world.data).close())  # the last to close it empties the log
    stored = apart(lambda: _stored(world))[1]
    wrong = []
    for file in sorted(entry for entry in world.data.rglob("*") if entry.is_file()):
        name, content = str(file.relative_to(world.data)), file.read_bytes()
        outcome = Counter[str]()
        for _ in range(min(number, len(content))):
            position = world.chance.randrange(len(content))
            flipped = bytearray(content)
            flipped[position] ^= 1 << world.chance.randrange(8)
            file.write_bytes(flipped)
            _, found = apart(lambda world=world: _flaws(world))  # type: ignore[misc]
            outcome["found" if found else "not found"] += 1
            if not found and (harm := apart(lambda world=world, stored=stored: _harm(world, stored))[1]):  # type: ignore[misc]
                outcome["harm"] += 1
                wrong.append(f"{name}, byte {position}: not found, and {harm}")
            for made in (*world.data.glob("*-wal"), *world.data.glob("*-shm")):  # of the damaged file
                made.unlink()
            file.write_bytes(content)
        print(f"{name}: {dict(outcome) or 'empty'}", flush=True)
    return wrong


def _keep_some(world: World) -> None:
    """Keep a passage in a collection, and a file as if it had been fetched."""
    keys = reading_lists.create(world.data, "Weirs and kilns")
    hit = Searcher(Catalogue(world.data), Hashed()).search("kiln").hits[0]
    reading_lists.add(
        world.data,
        keys.edit,
        reading_lists.Quoted(hit.passage_id, hit.document_id, hit.text, hit.start, hit.end, hit.citation),
    )
    body = b"The meadow was mown."
    record = Record("meadow.txt", "Meadow Council", "Commons", "2026-01-08", "https://meadow.example/1", "minutes")
    Shelf(world.data, "meadow.example").put(replace(record, fetched="2026-01-09", status="draft"), body)


def _stored(world: World) -> list[str]:
    """Return a checksum of all rows of every table, by file, and what is said of the file that was fetched."""
    found = []
    for file in sorted(world.data.glob("c*.*")):
        if file.suffix in (".sqlite", ".db"):
            connection = sqlite3.connect(file)
            lines = "\n".join(connection.iterdump())
            found.append(hashlib.sha256(lines.encode()).hexdigest())
            connection.close()
    return [*found, repr(list(Shelf(world.data, "meadow.example").records.values()))]


def _harm(world: World, stored: list[str]) -> list[str]:
    """Return what is not as it was, as far as those who use it can see."""
    changed = ["a row is another"] if _stored(world) != stored else []
    return changed + [line for line in incomplete(world) if not line.startswith("left behind")]


# -- a data directory that cannot be written -------------------------------------------------------------


def readonly(place: Path, number: int, seed: int) -> list[str]:
    """Use a data directory as a user who may only read it; return what went wrong."""
    world = World(place, random.Random(seed))
    for _ in range(min(number, MOST_DOCUMENTS)):
        world.write()
    must(world, run_ingest)
    must(world, lambda world: Catalogue(world.data).close())
    like = replace(world, place=place / "like")
    shutil.copytree(world.data, like.data)
    before = {file: file.read_bytes() for file in world.data.rglob("*") if file.is_file()}
    place.chmod(0o755)
    for entry in (world.data, *world.data.rglob("*")):
        entry.chmod(0o555 if entry.is_dir() else 0o444)

    def search() -> list[str]:
        incomplete(like)  # what is imported late is imported as root
        os.setgid(65_534)
        os.setuid(65_534)
        return incomplete(world)

    def write() -> list[str]:
        os.setgid(65_534)
        os.setuid(65_534)
        run_update(world)
        return ["an update succeeded"]

    found = apart(search)[1]
    refused = apart(write)[1]
    print(f"an update as another user: {refused}")
    found += [line for line in refused if not line.startswith("explained: ")]
    after = {file: file.read_bytes() for file in world.data.rglob("*") if file.is_file()}
    return found if before == after else [*found, "the data directory was changed"]


def _flaws(world: World) -> list[str]:
    try:
        return [f"{problem.store}: {problem.what}" for problem in check(world.data).problems]
    except sqlite3.DatabaseError as exc:
        return [f"not explained: {exc}"]


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("kills", "full", "flips", "readonly", "power"))
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kill this operation only, or cut the power of it")
    parser.add_argument("--keep", action="store_true", help="leave the data directory where anything went wrong")
    chosen = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="minutebook-faults-"))
    from tests.power_trials import power

    work = {"kills": kills, "full": full, "flips": flips, "readonly": readonly, "power": power}[chosen.what]
    wrong = work(place, chosen.number, chosen.seed, *([chosen.only] if chosen.only else []))
    if wrong and chosen.keep:
        print(f"left in {place}")
    else:
        shutil.rmtree(place)
    print(*wrong, sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
