"""All routes of the REST API, gathered from the modules beside this one."""

from discord_sandbox.rest import (
    applications,
    bans,
    channels,
    commands,
    gateway,
    guilds,
    interactions,
    members,
    messages,
    pins,
    reactions,
    roles,
    threads,
    users,
)

ROUTES = [
    *applications.ROUTES,
    *bans.ROUTES,
    *channels.ROUTES,
    *commands.ROUTES,
    *gateway.ROUTES,
    *guilds.ROUTES,
    *interactions.ROUTES,
    *members.ROUTES,
    *messages.ROUTES,
    *pins.ROUTES,
    *reactions.ROUTES,
    *roles.ROUTES,
    *threads.ROUTES,
    *users.ROUTES,
]
