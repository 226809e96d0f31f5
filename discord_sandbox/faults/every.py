"""All faults of a sandbox as one object."""

from discord_sandbox.clock import Clock
from discord_sandbox.faults.gateway import GatewayFaults
from discord_sandbox.faults.rest import RestFaults
from discord_sandbox.faults.rule import FaultBook
from discord_sandbox.gateway import GatewayHub
from discord_sandbox.rest.call import RouteTable
from discord_sandbox.rest.rate_limits import RateLimiter


class Faults(RestFaults, GatewayFaults):
    """What goes wrong on demand, over REST and at the gateway."""

    def __init__(
        self, book: FaultBook, table: RouteTable, limiter: RateLimiter, hub: GatewayHub, clock: Clock
    ) -> None:
        RestFaults.__init__(self, book, table, limiter, clock)
        GatewayFaults.__init__(self, book, hub, clock)
