"""Calls of tools and their results, paired: whatever ids a program has given them, each pair has its own."""

from collections.abc import Sequence
from dataclasses import replace

from chat.exchange.formats.records import Part, ToolCall, ToolResult


def with_paired_tools(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with an id for each call, that of its result, and a call for each result."""
    paired = _PairedTools()
    for part in parts:
        if isinstance(part, ToolCall):
            paired.add_call(part)
        elif isinstance(part, ToolResult):
            paired.add_result(part)
        else:
            paired.parts.append(part)
    return paired.parts


class _PairedTools:
    """Calls of tools and their results, each pair with an id that no other has."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._taken = set[str]()
        self._open: dict[str, ToolCall] = {}
        """The calls without a result, by the ids that they have in the export."""
        self._last: int | None = None
        """Where the last result is."""

    def add_call(self, call: ToolCall) -> None:
        own = replace(call, id=self._own_id(call.id))
        self._open[call.id or own.id] = own
        self.parts.append(own)

    def add_result(self, result: ToolResult) -> None:
        """Add a result to its call; one without a call gets one, or is more of the result before it."""
        known = result.id or next(iter(self._open), '')
        call = self._open.pop(known, None)
        if call is None and self._goes_on(result):
            return
        if call is None:
            call = ToolCall(name=result.name, id=self._own_id(result.id))
            self.parts.append(call)
        self._last = len(self.parts)
        self.parts.append(replace(result, id=call.id, name=call.name or result.name))

    def _goes_on(self, result: ToolResult) -> bool:
        """Return whether this was more of the result before it, and add it to that."""
        before = None if self._last is None or result.id else self.parts[self._last]
        if self._last is None or not isinstance(before, ToolResult) or result.name not in ('', before.name):
            return False
        contents = [each for each in (before.content, result.content) if each not in (None, '')]
        texts = [each for each in contents if isinstance(each, str)]
        whole = '\n\n'.join(texts) if len(texts) == len(contents) else contents
        has_failed = before.has_failed or result.has_failed
        self.parts[self._last] = replace(before, content=whole, has_failed=has_failed)
        return True

    def _own_id(self, wanted: str) -> str:
        found = wanted if wanted and wanted not in self._taken else f'{wanted or "call"}-{len(self._taken)}'
        self._taken.add(found)
        return found
