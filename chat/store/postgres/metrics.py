"""NodeMetrics: what a node counts of its work at the database, for Prometheus.

Nothing in it names a person or a conversation.
"""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds; from a statement on a machine with nothing to do to a database that is away."""

AGES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30)
"""Seconds; above 0.3 people begin to see it."""


class NodeMetrics:
    """Counts, each raised where the thing happens, and read when somebody asks."""

    def __init__(self) -> None:
        disable_created_metrics()  # when each count began is when the process did
        self.registry = CollectorRegistry()
        """All that a node tells; others add what they know."""
        counter = partial(Counter, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.statements = counter(
            'parlour_database_statements',
            'Statements sent to PostgreSQL, without those that begin and end transactions.',
        )
        self.working = histogram(
            'parlour_database_seconds',
            'Seconds of each statement, or of each transaction with its commit.',
            buckets=QUICK,
        )
        self.waiting = histogram(
            'parlour_database_wait_seconds',
            'Seconds for which each of them waited for a free connection.',
            buckets=QUICK,
        )
        self.lost = counter(
            'parlour_database_lost',
            'Statements and transactions that failed with their connection; they are tried again.',
        )
        self.frames = counter(
            'parlour_frames_written',
            'Pieces of growing answers that were stored for the other nodes.',
        )
        self.ages = histogram(
            'parlour_followed_word_age_seconds',
            'How old the newest word of an answer elsewhere was when it was read here, since it was stored.',
            buckets=AGES,
        )
        self.adoptions = counter(
            'parlour_adoptions',
            'Answers of silent nodes that were taken over here.',
        )
