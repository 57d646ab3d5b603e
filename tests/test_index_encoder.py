"""The encoder: nothing is dropped in silence, and a model that cannot be trusted or reached is refused."""

from pathlib import Path

import numpy as np
import pytest

import index.encoder
from corpus.errors import ModelError
from index.encoder import Encoder

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


def test_weights_that_are_not_the_public_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.encoder, "_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="weights are not the public ones: install"):
        Encoder().encode_queries(["ducks"])


@pytest.mark.parametrize("name", ["no-such-owner/no-such-model", "no-such-model"])
def test_model_that_cannot_be_reached_is_explained_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"cannot be loaded.*set MINUTEBOOK_MODEL to a folder") as caught:
        Encoder(name).encode_queries(["ducks"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_folder_that_holds_no_model_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Encoder(str(tmp_path)).encode_queries(["ducks"])


def test_naming_an_encoder_loads_nothing() -> None:
    assert Encoder("no-such-owner/no-such-model").model_id == "no-such-owner/no-such-model"
