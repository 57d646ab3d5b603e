"""The MCP server on standard input and output: the only importer of the official SDK, which is optional.

The SDK's own server class would drop an argument that a tool does not have, and with it a filter that is misspelt; so
its lower layer is used, and arguments are checked as those of the API are.
"""

import asyncio
import json
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from typing import Any

import mcp.types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from corpus.connecting import Fault
from corpus.errors import MinutebookError
from webapp.assistant.tools import INSTRUCTIONS, TOOLS, call
from webapp.holdings import Holdings

_log = logging.getLogger(__name__)


def run(holdings: Holdings) -> None:
    """Serve a collection to the process at the other end of the pipes, until it closes them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the SDK's wait for input cannot be cancelled; nothing is lost
    asyncio.run(_serve(holdings))


async def _serve(holdings: Holdings) -> None:
    with ThreadPoolExecutor(1) as worker:  # one call at a time
        server = Server(
            "minutebook",
            version=version("minutebook"),
            title="Minutebook",
            description="Minutes of UK local authorities, with a citation behind every passage",
            instructions=INSTRUCTIONS,
            on_list_tools=_list,
            on_call_tool=partial(_call, holdings, worker),
        )
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


async def _list(_: ServerRequestContext[Any], __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema=tool.schema(),
                output_schema={"type": "object"},
                annotations=types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
            )
            for tool in TOOLS
        ]
    )


async def _call(
    holdings: Holdings,
    worker: ThreadPoolExecutor,
    _: ServerRequestContext[Any],
    asked: types.CallToolRequestParams,
) -> types.CallToolResult:
    running = asyncio.get_running_loop()
    return await running.run_in_executor(worker, _result, holdings, asked.name, asked.arguments or {})


def _result(holdings: Holdings, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    """Return what a tool gives, as JSON in both forms that clients read, or in words why it gives nothing."""
    try:
        found = call(holdings, name, arguments)
    except MinutebookError as exc:
        return _said(str(exc), failed=True)
    except Fault as exc:
        _log.exception("The tool %r failed.", name)
        return _said(f"The stored data cannot be read ({exc}): run 'minutebook check'.", failed=True)
    except Exception:
        _log.exception("The tool %r failed.", name)
        return _said("Something went wrong inside Minutebook. Its log says what.", failed=True)
    result = _said(json.dumps(found, ensure_ascii=False))
    result.structured_content = found
    return result


def _said(text: str, *, failed: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=failed)
