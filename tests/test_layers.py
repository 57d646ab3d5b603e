"""The direction of imports, and one door to each third-party engine."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ["corpus", "ingest", "index", "webapp"]  # lowest first
MODULES = [path.relative_to(ROOT) for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
ENGINES = {
    "babel": "webapp/language.py",
    "flask_compress": "webapp/delivery.py",
    "flask_limiter": "webapp/limits.py",
    "prometheus_client": "webapp/metrics.py",
    "pydantic": "webapp/api/shapes.py",
    "structlog": "webapp/logs.py",
    "docx": "ingest/docx.py",
    "markdown_it": "ingest/markdown.py",
    "pymilvus": "index/milvus.py",
    "pypdf": "ingest/pdf.py",
    "ray": "ingest/cluster.py",
    "pypdfium2": "ingest/pdfium.py",
    "selectolax": "ingest/html.py",
    "Stemmer": "index/analysis.py",
    "faiss": "index/dense.py",
    "ir_measures": "index/measuring/evaluate.py",
    "mcp": "webapp/assistant/server.py",
    "packaging": "webapp/doctor/machine.py",
    "onnx": "index/export.py",
    "onnxruntime": "index/onnx.py",
    "openai": "index/generation/language_model.py",
    "safetensors": "index/export.py",
    "sentence_transformers": "index/encoder.py",
    "symspellpy": "index/understanding/suggest.py",
    "tantivy": "index/lexical.py",
    "tokenizers": "index/onnx.py",
    "gunicorn": "webapp/serve.py",
    "httpcore2": "ingest/live/connections.py",
    "httpx2": "ingest/live/web.py",
    "protego": "ingest/live/web.py",
    "stamina": "ingest/live/web.py",
    "xlsxwriter": "webapp/shown/tables.py",
}


def imported_packages(path: Path) -> Iterator[str]:
    """Yield the top package of every import of a module, those inside functions included."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: a relative import hides its layer"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_imports_only_its_own_and_lower_layers(path: Path) -> None:
    layer = LAYERS.index(path.parts[0])
    assert not {*LAYERS[layer + 1 :], "tests"} & set(imported_packages(path))


@pytest.mark.parametrize("engine", ENGINES)
def test_engine_is_imported_in_one_module_only(engine: str) -> None:
    assert [str(path) for path in MODULES if engine in imported_packages(path)] == [ENGINES[engine]]


def test_database_stays_in_the_lowest_layer() -> None:
    assert {path.parts[0] for path in MODULES if "sqlite3" in imported_packages(path)} == {"corpus"}


def test_web_framework_stays_in_the_web_layer() -> None:
    users = {path.parts[0] for path in MODULES if {"flask", "werkzeug", "click"} & set(imported_packages(path))}
    assert users == {"webapp"}
