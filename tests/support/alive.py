"""What is still in memory."""

import gc
from collections import Counter


def alive(*kinds: type) -> Counter[str]:
    """How many objects of each of these kinds anything still holds, by the name of the kind."""
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one) in kinds)
