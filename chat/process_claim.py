"""Who has the one app of this process: NiceGUI can have no more in it."""

from collections.abc import Generator
from contextlib import contextmanager

_claims: list[object] = []
"""Who has the one app of this process, if anybody has."""


def claim_process(claim: object) -> None:
    """Claim NiceGUI, which can have one app in a process, for the app that is being made.

    Raises:
        RuntimeError: If another one has it.
    """
    if _claims not in ([], [claim]):
        raise RuntimeError(
            'There is a Parlour in this process already, and there can be one: start a process for each.'
        )
    _claims[:] = [claim]


@contextmanager
def released_on_failure(claim: object) -> Generator[None]:
    """Let another app be made if the block fails, in which NiceGUI is not used yet."""
    try:
        yield
    except BaseException:
        if _claims == [claim]:
            _claims.clear()
        raise
