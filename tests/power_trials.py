"""Power cuts in the middle of operations: see ``tests.faults``, which calls this, and ``tests.power`` for the model."""

import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from corpus import reading_lists
from corpus.catalogue import Catalogue
from corpus.fetched import Record, Shelf
from corpus.withdrawing import plan, withdraw
from tests.conftest import ROOT
from tests.faults import (
    MOST_DOCUMENTS,
    OPERATIONS,
    World,
    apart,
    incomplete,
    prepare,
    run_update,
    unsound,
)
from tests.power import Call, Disk, put, recorded

_LEFT_OUT = ("minutes", "calls", "after", "target")
_HOST = "meadow.example"


def run_collect(world: World) -> None:
    """Begin a collection."""
    reading_lists.create(world.data, f"Weirs and kilns {world.made}")


def run_fetch(world: World) -> None:
    """Keep a file as if it had been fetched, and another one in the place of the one before."""
    shelf = Shelf(world.data, _HOST)
    for name in (f"meadow-{world.made}.txt", "lasting.txt"):
        shelf.put(Record(name, fetched="2026-01-01"), f"The meadow was mown {world.made} times.".encode())


def run_withdraw(world: World) -> None:
    """Withdraw the passage that is named beside the data."""
    catalogue = Catalogue(world.data)
    target = (world.place / "target").read_text()
    if catalogue.connection.execute("SELECT 1 FROM passages WHERE passage_id = ?", (target,)).fetchone():
        withdraw(catalogue, plan(catalogue, [target], "Asked for"))
    run_update(world)


ALL: dict[str, Callable[[World], None]] = {
    **{name: operation for name, operation in OPERATIONS.items() if name != "migrate"},  # milvus-lite has its own files
    "collect": run_collect,
    "fetch": run_fetch,
    "withdraw": run_withdraw,
}


def prepare_other(world: World, name: str) -> None:
    """Bring about what an operation is to work on: to withdraw, the passage with the word of a document."""
    world.made += 1
    if name == "withdraw":
        file = world.chance.choice([file for file, word in world.held.items() if word])

        def named() -> list[str]:
            connection = Catalogue(world.data).connection
            wanted = (f"%{world.held[file]}%",)
            where = 'substr(text, start + 1, "end" - start) LIKE ? AND current'
            rows = connection.execute(
                f"SELECT passage_id FROM passages JOIN documents USING (document_id) WHERE {where}", wanted
            )
            return [row[0] for row in rows]

        (world.place / "target").write_text(apart(named)[1][0])
        world.held[file] = ""  # not to be found any more


def facts(world: World) -> list[str]:
    """Return what is kept beside the documents: collections, fetched files, what was withdrawn."""
    found = []
    if (world.data / "collections.db").exists():
        with closing(sqlite3.connect(world.data / "collections.db")) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                found += [f"collection {row[0]}" for row in connection.execute("SELECT title FROM collections")]
    if (world.data / "fetched").exists():
        found += [f"fetched {path}" for path in Shelf(world.data, _HOST).records]
    if (world.data / "catalogue.sqlite").exists():
        connection = Catalogue(world.data).connection
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'withdrawn'").fetchone():
            found += [f"withdrawn {row[0]}" for row in connection.execute("SELECT target FROM withdrawn")]
    return sorted(found)


def record(world: World, name: str) -> tuple[Disk, list[Call]]:
    """Run an operation to its end; return the disk before it, and what it did to it."""
    disk = Disk(world.place, _LEFT_OUT)
    program = (
        "import sys, random; from pathlib import Path; from tests.faults import World\n"
        "from tests.power_trials import ALL\n"
        "ALL[sys.argv[1]](World(Path(sys.argv[2]), random.Random(0), made=int(sys.argv[3])))"
    )
    command = [sys.executable, "-c", program, name, str(world.place), str(world.made)]
    calls = [call for call in recorded(command, world.place / "calls", ROOT) if _concerns(call, world.place)]
    return disk, calls


def _concerns(call: Call, place: Path) -> bool:
    """Tell whether a call may be about this place: it names it, or is about an open file."""
    wanted = str(place).encode().hex()
    if call.name.startswith(("open", "dup")):
        return True  # its number now stands for this file
    return any(wanted in argument[:4096].replace("\\x", "") for argument in call.arguments)


def power(place: Path, number: int, seed: int, only: str = "") -> list[str]:
    """Cut the power at so many moments of operations; return what went wrong.

    Args:
        only: the operation to try after the first ingest, if not all.
    """
    world = World(place.resolve(), random.Random(seed))
    for _ in range(10):
        world.write()
    wrong, tried, by_name, names = list[str](), 0, Counter[str](), [only] if only else list(ALL)
    while tried < number:
        first = not tried
        name = "ingest" if first else world.chance.choice(names)
        if len(world.held) > MOST_DOCUMENTS or (name == "remove" and len(world.held) < 8):
            name = "remove" if len(world.held) > MOST_DOCUMENTS else "ingest"
        unharmed = {} if first else dict(world.held)
        if first:
            pass
        elif name in OPERATIONS:
            prepare(world, name)
        else:
            prepare_other(world, name)
        unharmed = {file: word for file, word in unharmed.items() if world.held.get(file) == word}
        before = apart(lambda: facts(world))[1]
        disk, calls = record(world, name)
        moments = [
            place for place, call in enumerate(calls) if not call.name.startswith(("open", "dup", "lseek", "mmap"))
        ]
        shutil.rmtree(world.place / "after", ignore_errors=True)
        subprocess.run(["cp", "-a", world.data, world.place / "after"], check=True)
        after = apart(lambda: facts(world))[1]
        held_backup = (world.place / "backup.zip").read_bytes() if (world.place / "backup.zip").exists() else None
        cuts = sorted([*world.chance.choices(moments, k=7), *[len(calls)] * 3][: number - tried] if moments else [])
        done, strict = 0, False
        for cut in cuts:
            tried, strict = tried + 1, world.chance.random() < 0.5
            by_name[name] += 1
            for call in calls[done:cut]:
                disk.do(call)
            done = cut
            put(disk.left(world.chance, strict), world.place, _LEFT_OUT)
            how = f"seed {seed}, cut {tried}: {name} at {cut} of {len(calls)}, {'strict' if strict else 'journal'}"
            found = trial(world, name, (unharmed, before, after), cut == len(calls))
            wrong += [f"{how}: {what}" for what in found]
            if found:
                print(how, *found, flush=True)
        for call in calls[done:]:
            disk.do(call)
        shutil.rmtree(world.data)
        subprocess.run(["cp", "-a", world.place / "after", world.data], check=True)
        wrong += [f"{name}: not all of it was recorded: {what}" for what in differences(disk, world)]
        if held_backup is not None:
            (world.place / "backup.zip").write_bytes(held_backup)
    print(f"seed {seed}: {tried} power cuts ({dict(by_name)}), {len(wrong)} faults")
    return wrong


def differences(disk: Disk, world: World) -> list[str]:
    """Return the files that are not as the model says that they are without a cut."""
    model = {path: content for path, content in disk.now().items() if path.startswith(f"{world.data}/")}
    there = {str(file): file.read_bytes() for file in world.data.rglob("*") if file.is_file()}
    return sorted(
        path
        for path in {*model, *there}
        if model.get(path) != there.get(path) and not path.endswith(("-shm", "writer.lock"))
    )


def trial(world: World, name: str, known: tuple[dict[str, str], list[str], list[str]], done: bool) -> list[str]:
    """Look at what a cut left; then let the command complete it. ``known``: words and facts that must be there."""
    unharmed, before, after = known

    def state() -> list[str]:
        trouble = [] if not unharmed and not done else unsound(world, world.held if done else unharmed)
        # A file may be there and not be noted yet: check says so, and the next fetch mends it.
        if name == "fetch" and not done:
            trouble = [line for line in trouble if "not what was received" not in line]
        if not (world.data / "restoring").exists() and (unharmed or done):
            held = facts(world)
            trouble += [f"lost: {fact}" for fact in (after if done else before) if fact not in held]
        if done:
            trouble += [f"reported as done: {line}" for line in incomplete(world)]
        return trouble

    trouble = apart(state)[1]
    status, said = apart(lambda: ALL[name](world) or [])  # type: ignore[func-returns-value]
    trouble += [f"does not complete: {line}" for line in said or ([f"status {status}"] if status else [])]
    return trouble + apart(lambda: incomplete(world))[1]
