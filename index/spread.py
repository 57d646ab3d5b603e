"""Spreading results over authorities, so that one that writes much does not fill the list. Nothing is lost."""

from collections import deque
from collections.abc import Hashable, Sequence

CLEAR = 0.6  # a result is put before a better one of another authority down to this share of its score


def spread(
    ranked: Sequence[tuple[int, float]], groups: Sequence[Hashable], *, in_a_row: int = 1
) -> list[tuple[int, float]]:
    """Return the same (row, score) pairs with at most ``in_a_row`` of one group in succession, as far as is fair.

    Where the run of a group is up, the best result of another group comes first, unless the group's next one beats
    it clearly. The order within a group stays.

    Args:
        ranked: pairs, best first, with scores of 0 or more.
        groups: for each pair, its authority, or something of its own (its document) where that is not known.
    """
    waiting: dict[Hashable, deque[int]] = {}
    for position, group in enumerate(groups):
        waiting.setdefault(group, deque()).append(position)
    order: list[int] = []
    last: Hashable = None
    run = 0
    while waiting:
        best = min(waiting, key=lambda group: waiting[group][0])
        chosen = best
        others = [group for group in waiting if group != last]
        if best == last and run >= in_a_row and others:
            other = min(others, key=lambda group: waiting[group][0])
            if ranked[waiting[other][0]][1] >= CLEAR * ranked[waiting[best][0]][1]:
                chosen = other
        run = run + 1 if chosen == last else 1
        last = chosen
        order.append(waiting[chosen].popleft())
        if not waiting[chosen]:
            del waiting[chosen]
    return [ranked[position] for position in order]
