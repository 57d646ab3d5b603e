"""The command ``mcp``."""

from pathlib import Path

import click

from corpus.settings import setting


@click.command()
@click.pass_obj
def mcp(data: Path) -> None:
    """Serve search, ask, compare, precedents and documents to an assistant over MCP, on standard input and output.

    An assistant starts this command itself; tell it where the data are: minutebook --data DIR mcp. Nothing is
    written, and nothing leaves this machine but what the assistant asks for.
    """
    try:
        from webapp.assistant.server import run
    except ImportError:
        needed = "The MCP server needs the package mcp: run pip install -e '.[mcp]' in the repository."
        raise click.ClickException(needed) from None
    from index.encoder import Encoder
    from webapp.holdings import Holdings

    click.echo(f"Minutebook for assistants, over MCP on standard input and output (data in {data}).", err=True)
    run(Holdings(data, Encoder(setting("MINUTEBOOK_MODEL"))))
