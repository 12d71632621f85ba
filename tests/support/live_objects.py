"""What is still in memory."""

import gc
from collections import Counter


def existing_objects(*kinds: type) -> list[object]:
    """All objects of these kinds; who holds the list can tell later ones from them."""
    gc.collect()
    return [one for one in gc.get_objects() if type(one) in kinds]


def count_alive(*kinds: type) -> Counter[str]:
    """How many objects of each of these kinds anything still holds, by the name of the kind."""
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one) in kinds)
