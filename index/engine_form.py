"""How an engine holds the vectors, for those who run it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """How an engine holds a collection: ``entries`` in an ``index`` of ``lists`` in each segment (0: it does not say).

    ``probes``: the fewest of them that a search compares. ``copies``: how often query nodes hold it, and ``wanted`` how
    often the setting says they should.
    """

    engine: str
    version: str
    index: str
    entries: int
    lists: int
    probes: int
    copies: int
    wanted: int


def in_words(form: Form) -> str:
    """Return how the vectors are held and searched, in a sentence."""
    copies = "1 copy" if form.copies == 1 else f"{form.copies:,} copies"
    wanted = ""
    if form.copies != form.wanted:
        wanted = f" ({form.wanted} {'is' if form.wanted == 1 else 'are'} asked for: 'minutebook rebuild' makes them so)"
    searched = (
        f", at least {form.probes:,} of {form.lists:,} lists of each segment compared in a search" if form.lists else ""
    )
    return (
        f"Vectors: {form.entries:,} in the engine {form.engine} (Milvus {form.version}), index {form.index}{searched}; "
        f"{copies} loaded{wanted}."
    )
