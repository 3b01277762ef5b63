"""Every knob of the service, and its way into the worker processes."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from typing import Self

#: Worker processes are started by uvicorn, which hands nothing on but the environment.
_VARIABLE = "CLEANER_SERVE"

#: A megabyte of text is a long page; it takes a core two seconds or so.
MOST_BYTES = 1 << 20
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service does where a request does not say, and its limits.

    model, mode, keep: as of `Cleaner`; most_bytes: of a text or of a line of JSON; timeout:
    seconds for a body to come in, and for a text to be cleaned, waiting for its turn included;
    token: what a request must carry as bearer token, None for no token.
    """

    model: str | None = None
    mode: str = "balanced"
    keep: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES
    timeout: float = TIMEOUT
    token: str | None = None

    def to_environment(self) -> None:
        """Leave the settings where the processes that this one starts find them."""
        os.environ[_VARIABLE] = json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_environment(cls) -> Self:
        """The settings that the process which started this one left."""
        fields = json.loads(os.environ.get(_VARIABLE, "{}"))
        return cls(**{**fields, "keep": tuple(fields.get("keep", ()))})
