"""What a power cut leaves behind: the calls to the file system that an operation makes, and the states they allow.

The calls of a process are recorded by strace, and replayed on a model of the directory. A cut at some moment keeps what
was synchronised before it. Of all else each write may be there, be missing or be torn between sectors, whatever order
they were made in; and of what was done to the names in directories either a beginning is kept, as file systems with a
journal do ("journal"), or any part of it ("strict").
"""

import itertools
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
_CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,lseek,ftruncate,truncate,fallocate,fsync,fdatasync,rename,renameat,"
    "renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat,rmdir,dup,dup2,dup3,sendfile,copy_file_range,mmap,symlink,"
    "symlinkat,msync,sync,syncfs,clone,clone3,fork,vfork"
)
_LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
_BEGUN = re.compile(r"^(?P<pid>\d+) +(?P<begun>\w+\(.*) <unfinished \.\.\.>$")
_GOES_ON = re.compile(r"^(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)$")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_PLACE = re.compile(r"^(?P<number>-?\w+)<(?P<path>(?:\\x[0-9a-f]{2})*)>")
_MAPPED = ("-shm",)  # what SQLite makes anew whenever nobody has the file open, so that it may be lost or anything


@dataclass(frozen=True, slots=True)
class Call:
    """A call that succeeded: its name, its arguments as strace writes them, what it returned, and the process."""

    name: str
    arguments: tuple[str, ...]
    result: int
    process: str

    @property
    def returned(self) -> tuple[str, int]:
        """Return the file that the call opened: its number means something in its process only."""
        return self.process, self.result

    def file(self, place: int) -> tuple[str, int]:
        """Return an argument that is an open file."""
        return self.process, self.number(place)

    def number(self, place: int) -> int:
        """Return an argument that is a number or a file with its path."""
        return int(self.arguments[place].partition("<")[0], 0)

    def text(self, place: int) -> bytes:
        """Return an argument that is a string."""
        found = _STRING.match(self.arguments[place])
        if not found:
            raise ValueError(f"not a whole string: {self.arguments[place][:80]}")
        return bytes.fromhex(found[1].replace("\\x", ""))

    def path(self, place: int, beside: int | None = None) -> str:
        """Return a path, resolved by the directory that is another argument."""
        path = self.text(place).decode()
        if beside is not None and not path.startswith("/"):
            at = _PLACE.match(self.arguments[beside])
            path = os.path.join(bytes.fromhex(at["path"].replace("\\x", "")).decode() if at else "/", path)
        return os.path.normpath(path)


@dataclass(eq=False, slots=True)
class Node:
    """A file (``now``: its content; ``kept``: what is certainly on the disk; ``pending``: what was done since) or a
    directory (``entries``; None for a file)."""

    entries: "dict[str, Node] | None" = None
    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # (offset, bytes), or (length, None)

    def write(self, offset: int, content: bytes) -> None:
        """Write into the file."""
        self.pending.append((offset, content))
        _put(self.now, offset, content)

    def cut(self, length: int) -> None:
        """Set the length of the file."""
        self.pending.append((length, None))
        _resize(self.now, length)

    def sync(self) -> None:
        """Bring the file's content to the disk."""
        self.kept = bytes(self.now)
        self.pending = []


def _put(content: bytearray, offset: int, part: bytes) -> None:
    if part and len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(part)] = part


def _resize(content: bytearray, length: int) -> None:
    del content[length:]
    content.extend(bytes(length - len(content)))


@dataclass(eq=False, slots=True)
class Change:
    """Something done to the names in directories: each is given a node, or taken away (None)."""

    names: tuple[tuple[Node, str, Node | None], ...]
    about: Node
    sure: bool = False  # its directories were synchronised since


class Disk:
    """A model of a directory, to which calls are done."""

    def __init__(self, place: Path, left_out: tuple[str, ...]) -> None:
        """Read a directory, but for what is left out; all of it counts as on the disk."""
        self.place = str(place)
        self._known: dict[tuple[int, int], Node] = {}
        self.root = self._read(place, left_out)
        self.before = {
            id(node): dict(node.entries) for node in self._directories(self.root) if node.entries is not None
        }
        self.all = list(self._directories(self.root))  # so that no id is used twice
        self.changes: list[Change] = []
        self.journalled = 0  # so many changes are certainly in the journal
        self.mapped: set[str] = set()
        self._open: dict[tuple[str, int], list[object]] = {}  # node, position, appending

    def _read(self, place: Path, left_out: tuple[str, ...] = ()) -> Node:
        if not place.is_dir():
            status = place.stat()
            content = place.read_bytes()
            return self._known.setdefault((status.st_dev, status.st_ino), Node(None, bytearray(content), content))
        return Node({name: self._read(place / name) for name in sorted(os.listdir(place)) if name not in left_out})

    def _directories(self, node: Node) -> Iterator[Node]:
        if node.entries is not None:
            yield node
            for entry in node.entries.values():
                yield from self._directories(entry)

    # -- calls -----------------------------------------------------------------------------------------

    def _at(self, path: str) -> tuple[Node, str, Node | None] | None:
        """Return directory, name and node of a path; None where it is not below this place."""
        if not path.startswith(self.place + "/"):
            return None
        *parents, name = path[len(self.place) + 1 :].split("/")
        node: Node | None = self.root
        for parent in parents:
            node = node.entries.get(parent) if node is not None and node.entries is not None else None
        if node is None or node.entries is None:
            return None
        return node, name, node.entries.get(name)

    def _change(self, about: Node, *names: tuple[Node, str, Node | None]) -> None:
        for directory, name, node in names:
            assert directory.entries is not None
            if node is None:
                directory.entries.pop(name, None)
            else:
                directory.entries[name] = node
        self.changes.append(Change(names, about))

    def do(self, call: Call) -> None:
        """Do a call."""
        name = re.sub(r"at2?$|64$", "", call.name)
        if name in ("open", "creat"):
            self._opened(call, call.name == "openat")
        elif name in ("write", "pwrite", "ftruncate", "fallocate", "lseek", "dup", "dup2", "dup3"):
            self._with_file(name, call)
        elif name in ("fsync", "fdatasync"):
            self._sync(call)
        elif name == "sendfile":
            self._copied(call)
        elif name == "mmap":
            self._map(call)
        elif name in ("unlink", "rmdir", "mkdir"):
            self._one_name(name, call, call.name.endswith("at"))
        elif name in ("rename", "link"):
            self._two_names(name, call, "at" in call.name)
        elif name in ("truncate", "writev", "pwritev", "symlink", "copy_file_range", "sync", "syncfs"):
            if any(self.place.encode().hex() in argument.replace("\\x", "") for argument in call.arguments):
                raise ValueError(f"{call.name} is not modelled")

    def _opened(self, call: Call, beside: bool) -> None:
        self._open.pop(call.returned, None)
        path = call.path(int(beside), 0 if beside else None)
        if path == self.place:
            self._open[call.returned] = [self.root, 0, False]
            return
        found = self._at(path)
        flags = call.arguments[1 + beside] if len(call.arguments) > 1 + beside else "O_CREAT|O_TRUNC"
        if found is None:
            return
        directory, name, node = found
        if node is None:
            if "O_CREAT" not in flags:
                return
            node = Node()
            self._change(node, (directory, name, node))
        elif "O_TRUNC" in flags and node.now:
            node.cut(0)
        self._open[call.returned] = [node, 0, "O_APPEND" in flags]

    def _with_file(self, name: str, call: Call) -> None:
        opened = self._open.get(call.file(0))
        if opened is None:
            if name.startswith("dup"):
                self._open.pop(call.returned, None)
            return
        node, position, appending = opened
        assert isinstance(node, Node)
        assert isinstance(position, int)
        if name == "write":
            position = len(node.now) if appending else position
            node.write(position, call.text(1)[: call.result])
            opened[1] = position + call.result
        elif name == "pwrite":
            node.write(call.number(3), call.text(1)[: call.result])
        elif name == "ftruncate":
            node.cut(call.number(1))
        elif name == "fallocate":
            if call.arguments[1] == "0" and call.number(2) + call.number(3) > len(node.now):
                node.cut(call.number(2) + call.number(3))
        elif name == "lseek":
            opened[1] = call.result
        else:
            self._open[call.returned] = opened

    def _sync(self, call: Call) -> None:
        opened = self._open.get(call.file(0))
        if opened is None:
            return
        node = opened[0]
        assert isinstance(node, Node)
        node.sync()
        for number, change in enumerate(self.changes):
            concerned = any(directory is node for directory, _, _ in change.names)
            change.sure = change.sure or change.names[-1][0] is node  # of a rename, where it leads to
            if concerned or change.about is node:
                self.journalled = max(self.journalled, number + 1)

    def _copied(self, call: Call) -> None:
        target, source = self._open.get(call.file(0)), self._open.get(call.file(1))
        if target is None:
            return
        if source is None or call.arguments[2] == "NULL":
            raise ValueError("copied from elsewhere, or from where nobody knows")
        start = int(call.arguments[2].split("]")[0].strip("["))
        of, to, position = source[0], target[0], target[1]
        assert isinstance(of, Node)
        assert isinstance(to, Node)
        assert isinstance(position, int)
        to.write(position, bytes(of.now[start : start + call.result]))
        target[1] = position + call.result

    def _map(self, call: Call) -> None:
        if "PROT_WRITE" in call.arguments[2] and "MAP_SHARED" in call.arguments[3]:
            at = _PLACE.match(call.arguments[4])
            path = bytes.fromhex(at["path"].replace("\\x", "")).decode() if at else ""
            if path.startswith(self.place + "/"):
                self.mapped.add(path)
                if not path.endswith(_MAPPED):
                    raise ValueError(f"{path} is written by mapping it, which is not modelled")

    def _one_name(self, name: str, call: Call, beside: bool) -> None:
        found = self._at(call.path(int(beside), 0 if beside else None))
        if found is None:
            return
        directory, entry, node = found
        if name == "mkdir":
            node = Node({})
            self.before[id(node)] = {}
            self.all.append(node)
            self._change(node, (directory, entry, node))
        elif node is not None:
            self._change(node, (directory, entry, None))

    def _two_names(self, name: str, call: Call, beside: bool) -> None:
        before = self._at(call.path(1, 0) if beside else call.path(0))
        after = self._at(call.path(3, 2) if beside else call.path(1))
        if before is None or after is None:
            if before is not after:
                raise ValueError(f"{name} from or to elsewhere")
            return
        node = before[2]
        assert node is not None
        if name == "link":
            self._change(node, (after[0], after[1], node))
        else:
            self._change(node, (before[0], before[1], None), (after[0], after[1], node))

    # -- states ----------------------------------------------------------------------------------------

    def left(self, chance: random.Random, strict: bool) -> dict[str, Node | bytes]:
        """Return what a cut now may leave: contents by path; a node for a directory. Hard links are told apart."""
        entries = {key: dict(names) for key, names in self.before.items()}
        likely = chance.choice((0.0, 0.5, 0.9, 1.0))
        until = chance.choice((self.journalled, len(self.changes), chance.randint(self.journalled, len(self.changes))))
        for number, change in enumerate(self.changes):
            if change.sure or (chance.random() < likely if strict else number < until):
                for directory, name, node in change.names:
                    if node is None:
                        entries[id(directory)].pop(name, None)
                    else:
                        entries[id(directory)][name] = node
        contents: dict[int, bytes] = {}
        found: dict[str, Node | bytes] = {}

        def walk(path: str, node: Node) -> None:
            if node.entries is None:
                if id(node) not in contents:
                    contents[id(node)] = _torn(node, chance)
                found[path] = contents[id(node)]
                return
            found[path] = node
            for name, entry in entries[id(node)].items():
                walk(os.path.join(path, name), entry)

        walk(self.place, self.root)
        for path in [path for path in found if path.endswith(_MAPPED)]:
            found[path] = chance.choice((b"", bytes(32_768), chance.randbytes(32_768)))
        return found

    def now(self) -> dict[str, bytes]:
        """Return what is there without any cut: contents by path."""
        found: dict[str, bytes] = {}

        def walk(path: str, node: Node) -> None:
            if node.entries is None:
                found[path] = bytes(node.now)
            for name, entry in (node.entries or {}).items():
                walk(os.path.join(path, name), entry)

        walk(self.place, self.root)
        return found


def _torn(node: Node, chance: random.Random) -> bytes:
    """Return what a file may hold after a cut."""
    content, likely = bytearray(node.kept), chance.choice((0.0, 0.0, 0.5, 0.9, 1.0))
    for offset, part in node.pending:
        if chance.random() >= likely:
            if part is None or chance.random() < 0.7:
                continue
            edges = sorted(
                {offset, offset + len(part), *range(-(-offset // SECTOR) * SECTOR, offset + len(part), SECTOR)}
            )
            for start, end in itertools.pairwise(edges):
                if chance.random() < 0.5:
                    _put(content, start, part[start - offset : end - offset])
        elif part is None:
            _resize(content, offset)
        else:
            _put(content, offset, part)
    return bytes(content)


def recorded(command: list[str], calls: Path, directory: Path) -> Iterator[Call]:
    """Run a command to its end, and yield the calls to the file system that succeeded, in order.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    tracing = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000", "-e", f"trace={_CALLS}"]
    done = subprocess.run(
        [*tracing, "-e", "signal=none", "-o", str(calls), *command],
        cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stdout}{done.stderr}")
    # A thread may be at work before the call that began it is known to have ended.
    threads = {one["result"]: one["pid"] for one in _whole(calls) if "CLONE_FILES" in one["arguments"]}
    for one in _whole(calls):
        process = one["pid"]
        while process in threads:
            process = threads[process]
        yield Call(one["call"], tuple(one["arguments"].split(", ")), int(one["result"]), process)
    calls.unlink()


def _whole(calls: Path) -> Iterator[re.Match[str]]:
    """Yield what strace wrote of the calls that succeeded, those that others came between in one piece."""
    begun: dict[str, str] = {}
    with calls.open(encoding="ascii") as lines:
        for line in lines:
            if left := _BEGUN.match(line):
                begun[left["pid"]] = left["begun"]
                continue
            if rest := _GOES_ON.match(line):
                line = f"{rest['pid']} {begun.pop(rest['pid'])}{rest['rest']}"
            whole = _LINE.match(line)
            if whole and int(whole["result"]) >= 0:
                yield whole


def put(state: dict[str, Node | bytes], place: Path, left_out: tuple[str, ...]) -> None:
    """Make a directory be as in a state, but for what is left out."""
    for entry in place.iterdir():
        if entry.name not in left_out:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for path, content in state.items():
        if isinstance(content, Node):
            os.makedirs(path, exist_ok=True)
        else:
            Path(path).write_bytes(content)
