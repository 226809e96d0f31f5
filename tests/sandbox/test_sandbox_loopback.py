"""The control and the page stay on this machine: foreign sites, hosts, ports, and what goes wrong inside."""

import pytest

from discord_sandbox import PortTakenError, Sandbox
from discord_sandbox.control import SandboxControl
from tests.sandbox.control_client import Control


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
async def test_other_sites_are_refused(control: Control, headers: dict[str, str]) -> None:
    for method, path in (
        ("GET", "/sandbox"),
        ("POST", "/clock/freeze"),
        ("DELETE", "/guilds/Sandbox/roles/x"),
    ):
        async with control.session.request(
            method, f"{control.base}{path}", headers=headers, json={}
        ) as response:
            assert response.status == 403
            assert (await response.json())["error"].startswith("foreign")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("LOCALHOST", 200),
        ("localhost:80", 200),
        ("127.0.0.1", 200),
        ("[::1]:8091", 200),
        ("[::1]evil.example", 403),
        ("[::1].evil.example:80", 403),
        ("[::1", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost:80:evil.example", 403),
        ("localhost:80@evil.example", 403),
        ("localhost.evil.example", 403),
        ("", 403),
    ],
)
async def test_only_this_machines_names_are_hosts(control: Control, host: str, status: int) -> None:
    async with control.session.get(f"{control.base}/sandbox", headers={"Host": host}) as response:
        assert response.status == status


@pytest.mark.parametrize(("method", "path"), [("POST", "/guilds/Sandbox/people"), ("PATCH", "/people/Ada")])
async def test_a_form_of_another_site_is_refused(control: Control, method: str, path: str) -> None:
    async with control.session.request(method, f"{control.base}{path}", data='{"name": "Eve"}') as response:
        assert response.status == 415
        assert (await response.json())["error"] == "not_json"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])  # noqa: S104 - shown to be refused
def test_the_control_stays_on_this_machine(sandbox: Sandbox, host: str) -> None:
    with pytest.raises(ValueError, match="only on this machine"):
        SandboxControl(sandbox, host=host)


async def test_it_starts_and_ends_more_than_once(sandbox: Sandbox) -> None:
    control = SandboxControl(sandbox, host="localhost")
    await control.start()
    port = int(control.url.rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(PortTakenError, match=str(port)):
        await SandboxControl(sandbox, port=port).start()
    await control.close()
    await control.close()
    await control.start()
    await control.close()


async def test_a_fault_of_the_sandbox_itself_is_told_in_json(control: Control, sandbox: Sandbox) -> None:
    # A guild without its role for everyone cannot be: whatever reads it fails.
    roles = sandbox.guild.guild.roles
    everyone = roles.pop(sandbox.guild.id)
    status, told = await control.call("GET", "/people/Ada/channels")
    roles[sandbox.guild.id] = everyone
    assert (status, told["error"]) == (500, "failed")
    assert "KeyError" in told["message"]
