"""Rows about answering interactions and following them up; the stories are in `test_interactions`."""

from typing import Any

from tests.calling import Json, started
from tests.conformance.scene import Scene
from tests.conformance.table import Case, refused
from tests.sandbox.desk import Wire

CODES = "topics/opcodes-and-status-codes#json"
RESPONDING = "interactions/receiving-and-responding"
CALLBACK = "/interactions/{interaction}/{token}/callback"
HOOK = "/webhooks/{application}/{token}"
HELLO: Json = {"type": 4, "data": {"content": "hello"}}


async def _asked(scene: Scene, act: Any) -> Any:  # noqa: ANN401 - whatever a person does
    scene.sandbox.gateway.identify(0, (0, 1), Wire())
    task = await started(act)
    newest = scene.sandbox.store.interactions._in_order[-1]  # noqa: SLF001 - it is the bot's view of it
    scene.ids |= {"interaction": str(newest.id), "token": newest.token}
    return task


async def asked(scene: Scene) -> None:
    """Let Alice use a command."""
    await _asked(scene, scene.alice.command("do"))


async def typing(scene: Scene) -> None:
    """Let Alice type into an option."""
    await _asked(scene, scene.alice.autocomplete("say", "what", "h"))


async def answered(scene: Scene) -> None:
    """Let Alice use a command, and let the bot answer."""
    task = await _asked(scene, scene.alice.command("do"))
    assert (await scene.call("POST", CALLBACK, HELLO)).status == 204
    await task


async def opened(scene: Scene) -> None:
    """Let Alice use a command, and let the bot open a modal."""
    task = await _asked(scene, scene.alice.command("do"))
    part = {"type": 4, "style": 1, "custom_id": "t", "label": "Text"}
    modal = {"custom_id": "m", "title": "Say", "components": [{"type": 1, "components": [part]}]}
    assert (await scene.call("POST", CALLBACK, {"type": 9, "data": modal})).status == 204
    await task


async def expired(scene: Scene) -> None:
    await answered(scene)
    scene.clock.advance(15 * 60 + 1)


async def late(scene: Scene) -> None:
    task = await _asked(scene, scene.alice.command("do"))
    scene.clock.advance(3)
    assert (await started(_outcome(task))).exception is not None


async def _outcome(task: Any) -> str:  # noqa: ANN401 - whatever a person does
    try:
        await task
    except Exception as error:  # noqa: BLE001 - how a person learns of it is tested elsewhere
        return str(error)
    return ""


def choices(count: int) -> Json:
    listed = [{"name": str(number), "value": str(number)} for number in range(count)]
    return {"type": 8, "data": {"choices": listed}}


CASES = [
    Case(f"{RESPONDING}#interaction-callback", "the first answer", "POST", CALLBACK, HELLO, 204, given=asked),
    Case(CODES, "it is there already", "POST", CALLBACK, HELLO, 400, 40060, given=answered),
    Case(CODES, "it comes too late", "POST", CALLBACK, HELLO, 404, 10062, given=late),
    Case(CODES, "an unknown interaction", "POST", "/interactions/{nothing}/x/callback", HELLO, 404, 10062),
    Case(CODES, "an empty answer", "POST", CALLBACK, {"type": 4, "data": {}}, 400, 50006, given=asked),
    refused(
        f"{RESPONDING}#interaction-response-object-interaction-callback-type",
        "an answer that a command cannot have",
        "POST",
        CALLBACK,
        {"type": 7, "data": {"content": "x"}},
        "type: BASE_TYPE_CHOICES",
        given=asked,
    ),
    Case(
        f"{RESPONDING}#interaction-response-object-autocomplete",
        "25 choices",
        "POST",
        CALLBACK,
        choices(25),
        204,
        given=typing,
        limits=("CHOICES",),
    ),
    refused(
        f"{RESPONDING}#interaction-response-object-autocomplete",
        "no more",
        "POST",
        CALLBACK,
        choices(26),
        "data.choices: BASE_TYPE_MAX_LENGTH",
        given=typing,
        limits=("CHOICES",),
    ),
    Case(f"{RESPONDING}#followup-messages", "a follow-up", "POST", HOOK, {"content": "more"}, given=answered),
    Case(CODES, "before the first answer", "POST", HOOK, {"content": "more"}, 404, 10015, given=asked),
    Case(CODES, "after 15 minutes", "POST", HOOK, {"content": "more"}, 401, 50027, given=expired),
    Case(CODES, "with a wrong token", "POST", "/webhooks/{application}/x", {"content": "x"}, 401, 50027),
    Case(CODES, "to another webhook", "POST", "/webhooks/{nothing}/x", {"content": "x"}, 404, 10015),
    Case(CODES, "there is no message", "GET", f"{HOOK}/messages/@original", None, 404, 10008, given=opened),
    Case(
        CODES, "another's message", "DELETE", f"{HOOK}/messages/{{message}}", None, 404, 10008, given=answered
    ),
]
