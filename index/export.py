"""The recipe of the weights in ``index/weights``: a model folder of PyTorch weights into one int8 ONNX file.

    python -m index.export MODEL_FOLDER OUTPUT.onnx

It needs the package onnx (``pip install '.[dev]'``), its only importer; searching does not. MODEL_FOLDER is a
BERT as sentence-transformers saves it: an encoder (mean pooling, unit vectors) or a cross-encoder (one logit
of a pair). The graph is written out here rather than traced from PyTorch: the same weights give the same
bytes, and each step is the one that onnxruntime does quickest.

- Weights of a matrix are int8 by column with 7 significant bits, activations uint8 as they come: with 8 bits
  the sums overflow on processors without VNNI. Word vectors are int8 by row.
- all-MiniLM-L6-v2 against its published weights: cosine .993 in the mean, .984 at the least (2,373 passages of
  QMSum); nDCG@10 +.005 [-.004, .013], though of a query's first ten only 8.6 are the same. 8 bits: .994, .990.
- LayerNormalization and Add are kept apart: fused (SkipLayerNormalization) they take six times as long.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from corpus.errors import ModelError

Weights = Mapping[str, NDArray[np.float32]]

MICROSOFT = "com.microsoft"  # onnxruntime's own operators
LARGEST = {"matrix": 63, "words": 127}


class Graph:
    """A graph under construction. Each method adds a step and returns the name of what it gives."""

    def __init__(self, epsilon: float) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.epsilon = epsilon

    def constant(self, name: str, values: object) -> str:
        """Add a constant array."""
        self.constants.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def step(self, operator: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        """Add an operator with one output."""
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def linear(self, name: str, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """Add ``x @ weight.T + bias`` in int8; weight has shape (out, in) as PyTorch keeps it."""
        values, scales = quantised(weight, LARGEST["matrix"])
        constants = [
            self.constant(f"{name}.weight", values.T),
            self.constant(f"{name}.scale", scales),
            self.constant(f"{name}.zero", np.zeros_like(scales, np.int8)),
            self.constant(f"{name}.bias", bias),
        ]
        return self.step("DynamicQuantizeMatMul", [x, *constants], name, MICROSOFT)

    def normalised_sum(self, name: str, inputs: list[str], weights: Weights, key: str) -> str:
        """Add the layer normalisation of a sum."""
        total = inputs[0]
        for position, other in enumerate(inputs[1:]):
            total = self.step("Add", [total, other], f"{name}.sum{position}")
        scale, bias = (self.constant(f"{name}.{part}", weights[f"{key}.{part}"]) for part in ("weight", "bias"))
        return self.step("LayerNormalization", [total, scale, bias], name, axis=-1, epsilon=self.epsilon)


def quantised(rows: NDArray[np.float32], largest: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return each row as int8 of at most ``largest`` either way, and its scale; shapes (rows, width) and (rows,)."""
    scales = np.maximum(np.abs(rows).max(axis=1), 1e-12) / np.float32(largest)
    return np.rint(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def convert(folder: Path) -> onnx.ModelProto:
    """Return the int8 graph of a model folder.

    Its inputs are ``ids`` (and ``types`` for a cross-encoder), int32 of shape (1, tokens); its one output has
    shape (1, width).

    Raises:
        ModelError: the folder holds no such model.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        stored = load_file(folder / "model.safetensors")
    except (OSError, ValueError) as exc:
        raise ModelError(f"{folder} holds no model with config.json and model.safetensors: {exc}.") from exc
    if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
        raise ModelError(f"{folder} holds a {config['model_type']}: only a BERT with gelu can be exported.")
    weights = {key.removeprefix("bert."): value.astype(np.float32) for key, value in stored.items()}
    pairs = "classifier.weight" in weights
    graph = Graph(config["layer_norm_eps"])
    x = _embeddings(graph, weights, pairs)
    for layer in range(config["num_hidden_layers"]):
        x = _layer(graph, x, weights, layer, config["num_attention_heads"])
    output = _logit(graph, x, weights) if pairs else _mean(graph, x, folder)
    width = weights["classifier.weight"].shape[0] if pairs else config["hidden_size"]
    tokens: list[str | int | None] = [1, "tokens"]
    names = ["ids", "types"] if pairs else ["ids"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, tokens) for name in names]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, width])]
    return helper.make_model(
        helper.make_graph(graph.nodes, "minutebook", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=9,
    )


def _embeddings(graph: Graph, weights: Weights, pairs: bool) -> str:
    """Add word, position and type vectors. Positions are kept as fp16, since all of them are summed."""
    values, scales = quantised(weights["embeddings.word_embeddings.weight"], LARGEST["words"])
    words = graph.step("Gather", [graph.constant("words", values), "ids"], "words.int8")
    words = graph.step("Cast", [words], "words.float", to=TensorProto.FLOAT)
    scale = graph.step("Gather", [graph.constant("words.scales", scales[:, None]), "ids"], "words.scale")
    summed = [graph.step("Mul", [words, scale], "words.scaled")]
    types = weights["embeddings.token_type_embeddings.weight"]
    positions = weights["embeddings.position_embeddings.weight"]
    if pairs:
        summed.append(graph.step("Gather", [graph.constant("types.table", types), "types"], "types.vectors"))
    else:
        positions = positions + types[0]
    zero = graph.constant("zero", np.array([0]))
    length = graph.step("Shape", ["ids"], "length", start=1, end=2)
    table = graph.constant("positions", positions.astype(np.float16))
    first = graph.step("Slice", [table, zero, length, zero], "positions.half")
    summed.append(graph.step("Cast", [first], "positions.float", to=TensorProto.FLOAT))
    graph.constant("thirds", np.array([positions.shape[1]] * 3))
    return graph.normalised_sum("embedded", summed, weights, "embeddings.LayerNorm")


def _layer(graph: Graph, x: str, weights: Weights, layer: int, heads: int) -> str:
    """Add one transformer layer: self-attention, then two linear steps with gelu between them."""
    key, name = f"encoder.layer.{layer}", f"layer{layer}"
    parts = [f"{key}.attention.self.{part}" for part in ("query", "key", "value")]
    weight, bias = (np.concatenate([weights[f"{part}.{kind}"] for part in parts]) for kind in ("weight", "bias"))
    joined = graph.linear(f"{name}.joined", x, weight, bias)
    split = [f"{name}.query", f"{name}.key", f"{name}.value"]
    graph.nodes.append(helper.make_node("Split", [joined, "thirds"], split, name=f"{name}.split", axis=-1))
    attended = graph.step("MultiHeadAttention", split, f"{name}.attended", MICROSOFT, num_heads=heads)

    def linear(step: str, source: str, part: str) -> str:
        return graph.linear(f"{name}.{step}", source, weights[f"{key}.{part}.weight"], weights[f"{key}.{part}.bias"])

    mixed = linear("mixed", attended, "attention.output.dense")
    x = graph.normalised_sum(f"{name}.between", [mixed, x], weights, f"{key}.attention.output.LayerNorm")
    wide = linear("wide", x, "intermediate.dense")
    narrow = linear("narrow", graph.step("Gelu", [wide], f"{name}.gelu", MICROSOFT), "output.dense")
    return graph.normalised_sum(f"{name}.end", [narrow, x], weights, f"{key}.output.LayerNorm")


def _mean(graph: Graph, x: str, folder: Path) -> str:
    """Add the unit vector of the mean of all tokens."""
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    if not (pooling.get("pooling_mode_mean_tokens") or pooling.get("pooling_mode") == "mean"):
        raise ModelError(f"The encoder in {folder} does not pool by the mean: only that can be exported.")
    mean = graph.step("ReduceMean", [x], "mean", axes=[1], keepdims=0)
    return graph.step("LpNormalization", [mean], "vectors", axis=-1, p=2)


def _logit(graph: Graph, x: str, weights: Weights) -> str:
    """Add the pooler (the first token, linear, tanh) and the classifier."""
    first = graph.step("Gather", [x, graph.constant("first", np.array(0))], "first.token", axis=1)
    pooled = graph.linear("pooler", first, weights["pooler.dense.weight"], weights["pooler.dense.bias"])
    pooled = graph.step("Tanh", [pooled], "pooled")
    weight, bias = (graph.constant(f"classifier.{part}", weights[f"classifier.{part}"]) for part in ("weight", "bias"))
    return graph.step("Gemm", [pooled, weight, bias], "logits", transB=1)


def main(folder: Path, output: Path) -> None:
    """Convert a model folder, write the file and say what to put beside it."""
    content = convert(folder).SerializeToString(deterministic=True)
    output.write_bytes(content)
    sys.stdout.write(f"{output}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
