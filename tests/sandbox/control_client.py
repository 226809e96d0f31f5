"""A plain client of the control, for its tests."""

from typing import Any

import aiohttp


class Control:
    """A plain client of the control: (status, body) of each call."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def call(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
        async with self.session.request(method, f"{self.base}{path}", json=body, params=query) as response:
            return response.status, await response.json()

    async def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - JSON
        status, found = await self.call("GET", path, **query)
        assert status == 200, found
        return found

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        status, found = await self.call("POST", path, body)
        assert status in {200, 201}, found
        return found

    async def refused(self, path: str, **body: object) -> tuple[int, str, str]:
        status, found = await self.call("POST", path, body)
        assert set(found) == {"error", "message"}
        return status, found["error"], found["message"]
