"""Every row of the conformance table: one request, and what Discord's documentation says comes of it."""

import inspect
import io
import json

import aiohttp
import pytest

from tests.calling import Answer
from tests.conformance import rows
from tests.conformance.scene import Scene, make_scene
from tests.conformance.table import Case


@pytest.mark.parametrize("case", rows.CASES, ids=[case.id for case in rows.CASES])
async def test_row(case: Case) -> None:
    async with make_scene(**case.options) as scene:
        if case.given is not None:
            given = case.given(scene)
            if inspect.isawaitable(given):
                await given
        answer = await _call(scene, case)
        assert answer.status == case.status, answer.body
        assert answer.code == case.code, answer.body
        assert answer.places == (set() if case.at is None else {case.at}), answer.body
        if case.shows is not None:
            case.shows(scene, answer.body)
        assert scene.sandbox.violations == []


async def _call(scene: Scene, case: Case) -> Answer:
    if not case.files:
        return await scene.call(case.method, case.path, case.body, headers=case.headers)
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(scene.fill(case.body)), content_type="application/json")
    for number, (name, data) in enumerate(case.files):
        form.add_field(f"files[{number}]", io.BytesIO(data), filename=name)
    return await scene.call(case.method, case.path, data=form, headers=case.headers)
