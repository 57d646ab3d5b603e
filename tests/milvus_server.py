"""A real Milvus server for tests and benchmarks, from its PyPI package, on ports of its own and gone afterwards.

The binary is run directly: what the package starts it through leaves it running when it is ended. It listens on every
interface of the machine, as that version does.
"""

import lzma
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

SECONDS_TO_START = 120
_PORTS = (
    "proxy", "proxy_internal", "root_coord", "query_coord", "index_coord", "data_coord", "query_node", "index_node",
    "data_node", "etcd",
)  # fmt: skip


class MilvusServer:
    """A server with its data in a directory; it can be killed and started again at the same port."""

    def __init__(self, directory: Path) -> None:
        from milvus import MilvusServerConfig

        ports = free_ports(len(_PORTS) + 1)
        self.directory, self._health = directory, ports.pop()
        settings = {f"{name}_port": port for name, port in zip(_PORTS, ports, strict=True)}
        MilvusServerConfig(data_dir=str(directory), **settings).resolve()
        self.engine = f"milvus://127.0.0.1:{settings['proxy_port']}"
        self._process: subprocess.Popen[bytes] | None = None
        unpack(directory / "bin")

    @property
    def pid(self) -> int:
        """The process of the server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is well."""
        programs = self.directory / "bin"
        environment = os.environ | {
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(self._health),
            "MILVUS_RUN_DIR": str(self.directory / "run"),
            "LD_LIBRARY_PATH": str(programs),
        }
        with (self.directory / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(programs / "milvus"), "run", "standalone"],
                cwd=self.directory, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self._health}/healthz", timeout=2) as answer:
                    if b"OK" in answer.read():
                        return
            except (URLError, OSError):
                time.sleep(0.3)
        ended = "" if self._process.poll() is None else " (it ended: another one on this machine has port 2380?)"
        raise TimeoutError(f"Milvus did not start{ended}: see {self.directory / 'output.log'}")

    def signal(self, number: int) -> None:
        """Send a signal to it and all that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self.signal(signal.SIGKILL)
            self._process.wait()

    def memory(self) -> int:
        """Return the bytes of memory it has resident."""
        return resident(self.pid)


def installed() -> bool:
    """Tell whether the package is here."""
    return find_spec("milvus") is not None


@contextmanager
def running(directory: Path) -> Iterator[MilvusServer]:
    """A server that runs within the block."""
    server = MilvusServer(directory)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has resident."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            with closing(one):
                pass


def unpack(programs: Path) -> None:
    """Put the programs of the package in a directory, where they are not there yet."""
    spec = find_spec("milvus")
    assert spec is not None
    assert spec.origin is not None
    programs.mkdir(exist_ok=True)
    for packed in (Path(spec.origin).parent / "data" / "bin").glob("*.lzma"):
        program = programs / packed.stem
        if not program.exists():
            program.write_bytes(lzma.decompress(packed.read_bytes()))
            program.chmod(0o755)
