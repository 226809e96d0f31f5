"""REST: where the gateway is, and how the bot may connect to it."""

from discord_sandbox.rest.call import Call, Reply, Route


def _gateway(call: Call) -> Reply:
    return Reply(200, {"url": call.store.gateway.url})


def _gateway_bot(call: Call) -> Reply:
    gateway = call.store.gateway
    described = {
        "url": gateway.url,
        "shards": gateway.settings.shards_required,
        "session_start_limit": gateway.starts.describe(),
    }
    return Reply(200, described)


ROUTES = [
    Route("GET", "/gateway", _gateway, auth=False),
    Route("GET", "/gateway/bot", _gateway_bot),
]
