"""Text deltas: how much of the beginning to keep, and what follows."""

from chat.store.tinydb_storage.json_sanitize import Json


def text_delta(before: str, after: str) -> Json:
    """Return the delta from `before` to `after`; as long as the part that differs."""
    keep = common_prefix_length(before, after)
    return {'keep': keep, 'rest': after[keep:]}


def apply_delta(before: str, by: Json) -> str:
    """Apply one delta of `text_delta` to `before`."""
    return before[: by['keep']] + by['rest']


def common_prefix_length(one: str, two: str) -> int:
    """Return the length of the common prefix, by bisection, since comparing slices is fast."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
