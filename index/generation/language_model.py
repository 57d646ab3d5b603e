"""A language model behind an OpenAI-compatible address: the only importer of openai, which is optional.

The client runs in a thread of its own and hands over what it reads, so that the time for the whole answer is
kept whatever the server does: says nothing, sends headers for ever, or only keeps the connection alive. Each
failure becomes a LanguageModelError that says in plain words what happened. The key is sent to the address and
goes nowhere else; neither it nor what the server says of an error is ever put into a message or a log.
"""

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corpus.errors import LanguageModelError
from index.generation.prompt import Message

if TYPE_CHECKING:
    from openai import OpenAI, Stream
    from openai.types.chat import ChatCompletionChunk

MOST_TOKENS = 1_500
MOST_TOKENS_WITH_THOUGHT = 6_000  # of models that count what they think as well
MOST_CHARACTERS = 20_000
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 15.0
SECONDS = (0.05, 3_600.0)

_log = logging.getLogger(__name__)
_END = None
_STATUS = {
    401: "check MINUTEBOOK_LLM_KEY",
    403: "check MINUTEBOOK_LLM_KEY",
    404: "check MINUTEBOOK_LLM_MODEL, and MINUTEBOOK_LLM_URL, which often ends in /v1",
    429: "too many requests, or the account's allowance is used up",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a language model answers. Times are in seconds.

    ``seconds`` bounds the whole answer, ``pause`` the silence between two pieces of it once it has begun.
    """

    url: str
    model: str
    key: str = field(repr=False, default="")
    seconds: float = 60.0
    pause: float = PAUSE_SECONDS


def endpoint(url: str, model: str, key: str, seconds: str) -> Endpoint | None:
    """Return the endpoint that the four settings MINUTEBOOK_LLM_… name, or None where no address is set.

    The address may be given with or without "/v1" and "/chat/completions".

    Raises:
        LanguageModelError: a setting is missing or cannot be understood.
    """
    if not url.strip():
        return None
    if not model.strip():
        raise LanguageModelError("is not named: set MINUTEBOOK_LLM_MODEL")
    try:
        number = float(seconds)
    except ValueError:
        number = 0.0
    if not SECONDS[0] <= number <= SECONDS[1]:
        raise LanguageModelError("has no time to answer: MINUTEBOOK_LLM_TIMEOUT is a number of seconds, at most 3600")
    if not (key.isascii() and key.strip().isprintable()):
        raise LanguageModelError("cannot be given its key: MINUTEBOOK_LLM_KEY holds a character that no key has")
    return Endpoint(_base(url), model.strip(), key.strip(), number)


def stream(endpoint: Endpoint, conversation: Sequence[Message]) -> Iterator[str]:
    """Yield the answer to a conversation in pieces, as they arrive; closing the iterator hangs up.

    Raises:
        LanguageModelError: no answer came, or it ended before its end; what was yielded before is genuine.
    """
    reading = _Reading(endpoint, conversation)
    threading.Thread(target=reading.run, name="language model", daemon=True).start()
    try:
        yield from _in_time(reading, endpoint)
    except LanguageModelError as error:
        _log.warning("The language model at %s %s.", urlsplit(endpoint.url).netloc.rpartition("@")[2], error.reason)
        raise
    finally:
        reading.hang_up()


def _base(url: str) -> str:
    """Return the address that the client's paths are appended to."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise LanguageModelError("has no usable address: MINUTEBOOK_LLM_URL looks like http://127.0.0.1:11434/v1")
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path or '/v1'}"


def _client(endpoint: Endpoint) -> "OpenAI":
    try:
        from openai import OpenAI, Timeout
    except ImportError:
        raise LanguageModelError("needs the openai package: run pip install -e '.[llm]' in the repository") from None
    return OpenAI(
        base_url=endpoint.url,
        api_key=endpoint.key or "none",  # local servers take any
        timeout=Timeout(endpoint.seconds + 1, connect=min(CONNECT_SECONDS, endpoint.seconds)),
        max_retries=0,
    )


def _in_time(reading: "_Reading", endpoint: Endpoint) -> Iterator[str]:
    """Yield what was read until its end; what is there already is handed over even when time is up."""
    until = time.monotonic() + endpoint.seconds
    begun = False
    while True:
        left = until - time.monotonic()
        wait = max(0.0, min(left, endpoint.pause) if begun else left)
        try:
            piece = reading.pieces.get(timeout=wait)
        except Empty:
            if not begun:
                raise LanguageModelError(f"did not answer within {endpoint.seconds:g} s") from None
            if wait < endpoint.pause:
                raise LanguageModelError(f"did not finish its answer within {endpoint.seconds:g} s") from None
            raise LanguageModelError(f"fell silent for {endpoint.pause:g} s in mid-answer") from None
        if piece is _END:
            return
        if isinstance(piece, LanguageModelError):
            raise piece
        begun = True
        yield piece


class _Reading:
    """One request, read in a thread: ``pieces`` gets the text, then an error or the end."""

    def __init__(self, endpoint: Endpoint, conversation: Sequence[Message]) -> None:
        self.pieces: SimpleQueue[str | LanguageModelError | None] = SimpleQueue()
        self._endpoint = endpoint
        self._conversation = conversation
        self._stopped = threading.Event()
        self._socket: socket.socket | None = None

    def run(self) -> None:
        """Read to the end and put it, or what went wrong, last."""
        last: LanguageModelError | None = _END
        try:
            with _client(self._endpoint) as client, _opened(client, self._endpoint, self._conversation) as answer:
                network = answer.response.extensions.get("network_stream")
                self._socket = network.get_extra_info("socket") if network else None
                if not self._stopped.is_set():
                    for piece in _text(answer):
                        self.pieces.put(piece)
        except Exception as error:  # of an answer that is not of the form, the client may raise anything
            last = error if isinstance(error, LanguageModelError) else LanguageModelError(_reason(error))
        finally:
            self._socket = None
            self.pieces.put(last)

    def hang_up(self) -> None:
        """End the request, wherever it is; the thread then ends by itself."""
        self._stopped.set()
        connected = self._socket
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


def _opened(client: "OpenAI", endpoint: Endpoint, conversation: Sequence[Message]) -> "Stream[ChatCompletionChunk]":
    """Ask, and where the server takes neither a temperature nor max_tokens, ask in the way that newer models do."""
    from openai import BadRequestError

    turns: Any = [{"role": turn.role, "content": turn.content} for turn in conversation]
    try:
        return client.chat.completions.create(
            model=endpoint.model, messages=turns, stream=True, temperature=0, max_tokens=MOST_TOKENS
        )
    except BadRequestError as error:
        if "max_tokens" not in str(error) and "temperature" not in str(error):
            raise
    return client.chat.completions.create(
        model=endpoint.model, messages=turns, stream=True, max_completion_tokens=MOST_TOKENS_WITH_THOUGHT
    )


def _text(answer: "Stream[ChatCompletionChunk]") -> Iterator[str]:
    """Yield the text of an answer.

    Raises:
        LanguageModelError: it is not an answer, was refused, cut off, or runs on.
    """
    kind = answer.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        choice = json.loads(b"".join(_at_most(answer.response.iter_bytes())))["choices"][0]
        whole = choice["message"]
        pieces = iter([(whole.get("content"), whole.get("refusal"), choice.get("finish_reason") or "stop")])
    elif kind in ("text/event-stream", ""):
        pieces = ((c.delta.content, c.delta.refusal, c.finish_reason) for part in answer for c in part.choices[:1])
    else:
        raise LanguageModelError("sent something other than an answer: check MINUTEBOOK_LLM_URL")
    finished, characters = None, 0
    for content, refusal, reason in pieces:
        if refusal:
            raise LanguageModelError("declined to answer")
        finished = reason or finished
        if not isinstance(content, str | None):
            raise LanguageModelError("sent something that is not an answer")
        characters += len(content or "")
        if characters > MOST_CHARACTERS:
            raise LanguageModelError("wrote on without end and was cut off")
        if content:
            yield content
    if finished == "content_filter":
        raise LanguageModelError("was stopped by its provider's filter")
    if finished == "length":
        raise LanguageModelError("reached its limit in mid-answer")
    if finished is None:
        raise LanguageModelError("broke off its answer")


def _at_most(parts: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > 20 * MOST_CHARACTERS:
            raise LanguageModelError("sent far more than an answer")
        yield part


def _reason(error: Exception) -> str:
    """Return what happened, to follow "The language model"."""
    import openai

    cause = error.__cause__
    if isinstance(error, openai.APITimeoutError):
        return "could not be reached in time" if "Connect" in type(cause).__name__ else "did not answer in time"
    if isinstance(error, openai.APIConnectionError):
        if "refused" in str(cause).lower():
            return "refused the connection: start its server, or correct MINUTEBOOK_LLM_URL"
        if type(cause).__name__ == "ConnectError":
            return "could not be reached: check MINUTEBOOK_LLM_URL"
        return "broke the connection off"
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        ours = "it does not take the request" if status < 500 else "an error of its own"
        return f"answered {status}: {_STATUS.get(status, ours)}"
    if isinstance(error, openai.APIError):
        return "reported an error in mid-answer"
    return "sent something that is not an answer"
