"""REST: where the gateway is, and how the bot may connect to it."""

from discord_sandbox.rest.call import Call, Reply, Route


def _gateway(call: Call) -> Reply:
    return Reply(200, {"url": call.store.gateway.url})


def _gateway_bot(call: Call) -> Reply:
    start_limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return Reply(200, {"url": call.store.gateway.url, "shards": 1, "session_start_limit": start_limit})


ROUTES = [
    Route("GET", "/gateway", _gateway, auth=False),
    Route("GET", "/gateway/bot", _gateway_bot),
]
