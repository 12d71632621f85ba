"""GET /metrics: what this process does, in figures, for Prometheus. No names of persons, no ids of chats."""

from collections.abc import Iterable
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import Response
from nicegui import Client
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from chat import __version__
from chat.agent.request_counts import MODEL_REQUESTS

PATH = '/metrics'


class Counted(Protocol):
    """Those who use this node."""

    @property
    def people_count(self) -> int: ...
    @property
    def run_count(self) -> int: ...


class AppCollector(Collector):
    """Looks at the state of the app when it is asked."""

    def __init__(self, team: Counted, node: str) -> None:
        self._team = team
        self._node = node

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        build = GaugeMetricFamily(
            'parlour_build_info', 'Version and node, as labels.', labels=['version', 'node']
        )
        build.add_metric([__version__, self._node], 1)
        yield build
        yield GaugeMetricFamily('parlour_runs', 'Answers that are being given here.', self._team.run_count)
        yield GaugeMetricFamily(
            'parlour_people', 'People who have something open here.', self._team.people_count
        )
        yield GaugeMetricFamily(
            'parlour_viewers',
            'Open pages that are connected here.',
            sum(client.has_socket_connection for client in Client.instances.values()),
        )
        yield CounterMetricFamily(
            'parlour_model_requests', 'Requests sent to models over HTTP.', MODEL_REQUESTS.sent
        )
        failed = CounterMetricFamily(
            'parlour_model_requests_failed',
            'Those that failed, by the status, or because there was no connection or it broke off.',
            labels=['reason'],
        )
        for reason, count in MODEL_REQUESTS.failed.items():
            failed.add_metric([reason], count)
        yield failed


def metrics_route(registry: CollectorRegistry, team: Counted, node: str) -> APIRouter:
    """Return the route; `registry` has what is counted elsewhere.

    Who may ask is for the authenticator to say.
    """
    registry.register(AppCollector(team, node))
    ProcessCollector(registry=registry)  # processor, memory, file descriptors
    router = APIRouter()

    @router.get(PATH)
    async def metrics(request: Request) -> Response:
        encode, media_type = choose_encoder(request.headers.get('accept', ''))
        return Response(encode(registry), media_type=media_type, headers={'Cache-Control': 'no-store'})

    return router
