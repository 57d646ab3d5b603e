"""One thing that was looked at, and what is to be done about it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was seen, and what to do; ``advice`` is empty where there is nothing to do."""

    level: Level
    name: str
    seen: str
    advice: str = ""
