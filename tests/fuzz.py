"""Coverage-guided fuzzing of one target: python tests/fuzz.py TARGET SECONDS [SEED], or LIST.

What it finds interesting is kept in /tmp/minutebook-fuzz/TARGET and where the next run begins; an input that breaks
something is written there too, as crash-…, and printed. It needs atheris, which is no part of the development tools.
"""

import os
import sys
import time
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
KEPT = Path("/tmp/minutebook-fuzz")
LONGEST = 4096  # bytes of an input

with atheris.instrument_imports(include=["corpus", "ingest", "index.understanding", "index.analysis", "webapp"]):
    from tests import fuzz_targets

from tests.fuzz_inputs import FRAGMENTS, SEEDS  # noqa: E402


def main() -> None:
    """Fuzz the target that is named."""
    if len(sys.argv) < 3 or sys.argv[1] not in fuzz_targets.TARGETS:
        sys.exit(f"usage: python tests/fuzz.py TARGET SECONDS [SEED]; targets: {', '.join(fuzz_targets.TARGETS)}")
    name, seconds, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else str(int(time.time()))
    folder = KEPT / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(fragment)}"\n' for fragment in FRAGMENTS), encoding="ascii")
    for number, data in enumerate(SEEDS.get(name, ())):
        (folder / "corpus" / f"seed-{number}").write_bytes(data)
    target = fuzz_targets.TARGETS[name]
    print(f"{name}: {seconds} s, seed {seed}", flush=True)
    atheris.Setup(
        [
            sys.argv[0], f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LONGEST}", f"-dict={words}",
            f"-artifact_prefix={folder}/", "-rss_limit_mb=3000", "-timeout=30", "-print_final_stats=1", "-verbosity=1",
            str(folder / "corpus"),
        ],
        lambda data: fuzz_targets.run(target, data),
    )  # fmt: skip
    os.environ.setdefault("PYTHONHASHSEED", "0")
    atheris.Fuzz()


def _escaped(fragment: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in fragment.encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
