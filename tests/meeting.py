"""How people go through their first meeting with the bot, for all tests."""

from discord_sandbox import Actor, MessageView

ACCEPT, LEARN, STRAIGHT = "I accept", "Show me how", "Straight to my task"


async def welcomed(person: Actor, panel: MessageView, straight: str = STRAIGHT) -> None:
    """Accept the terms that a panel shows, and go straight on from the welcome."""
    await panel.click(ACCEPT)
    await person.until(lambda: straight in panel.buttons, what="the welcome")
    await panel.click(straight)
