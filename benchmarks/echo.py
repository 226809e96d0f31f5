"""A lightbulb bot whose one command echoes its option; the sandbox's cost is measured beside it.

It runs in a process of its own. For each line on its standard input it prints the CPU seconds that it has
used; it ends with its input. `python benchmarks/echo.py TOKEN REST_URL lean|keep-alive|default`: "default" is
a bot as hikari makes it, "keep-alive" keeps its connections to the REST API, and "lean" hears nothing but
interactions besides, so that it is not sent its own messages.
"""

import asyncio
import sys
import time

import hikari
import lightbulb


class Echo(lightbulb.SlashCommand, name="echo", description="Say it again"):
    """Answers at once with what it was given."""

    text = lightbulb.string("text", "What to say")

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        """Say it."""
        await ctx.respond(self.text)


async def main() -> None:
    """Run until the input ends."""
    token, rest_url, kind = sys.argv[1:]
    bot = hikari.GatewayBot(
        token,
        rest_url=rest_url,
        banner=None,
        logs="ERROR",
        intents=hikari.Intents.NONE if kind == "lean" else hikari.Intents.ALL_UNPRIVILEGED,
        http_settings=hikari.impl.HTTPSettings(force_close_transports=kind == "default"),
    )
    client = lightbulb.client_from_app(bot)
    client.register(Echo)
    bot.subscribe(hikari.StartingEvent, client.start)
    await bot.start(check_for_updates=False)
    while await asyncio.to_thread(sys.stdin.readline):
        print(time.process_time(), flush=True)
    await bot.close()


if __name__ == "__main__":
    asyncio.run(main())
