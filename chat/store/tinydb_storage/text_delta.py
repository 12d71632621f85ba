"""How a text has grown: what to keep of it from its beginning, and what comes after that."""

from chat.store.tinydb_storage.json_sanitize import Json


def text_delta(before: str, after: str) -> Json:
    """What makes `after` of `before`; as long as what differs."""
    keep = common_prefix_length(before, after)
    return {'keep': keep, 'rest': after[keep:]}


def apply_delta(before: str, by: Json) -> str:
    """What `before` has become, by one step of `text_delta`."""
    return before[: by['keep']] + by['rest']


def common_prefix_length(one: str, two: str) -> int:
    """How many characters both begin with, found by halving, for comparing slices is fast."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
