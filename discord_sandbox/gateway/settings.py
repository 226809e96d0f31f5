"""What can be set about the gateway."""

from dataclasses import dataclass


@dataclass(slots=True)
class GatewaySettings:
    """The numbers of the gateway; the defaults are Discord's for a bot in few guilds.

    Attributes:
        heartbeat_interval: How often the bot must send a heartbeat, in seconds.
        session_starts: How many sessions may be begun in 24 hours, over all shards.
        max_concurrency: How many shards may begin a session at once; shards with the same remainder by it
            must wait for each other.
        identify_seconds: For how long.
        shards_required: The fewest shards that the bot must have; fewer are refused with 4011.
    """

    heartbeat_interval: float = 41.25
    session_starts: int = 1000
    max_concurrency: int = 1
    identify_seconds: float = 5.0
    shards_required: int = 1
