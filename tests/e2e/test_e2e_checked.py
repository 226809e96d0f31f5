"""What the bot of these tests sends is checked against Discord's own description, where that is at hand."""

import pytest

from discord_sandbox import Sandbox
from tests.checked import assert_checked, needs_description


@needs_description
@pytest.mark.sandbox(violations="allowed")
@pytest.mark.usefixtures("bot_process")
async def test_requests_are_checked(sandbox: Sandbox) -> None:
    await assert_checked(sandbox)
