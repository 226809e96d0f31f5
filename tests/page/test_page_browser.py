"""The page in a real browser, as a person uses it: pick who one is, command, thread, menu, modal, answer."""

import pytest
from playwright.async_api import Page, expect

from discord_sandbox import Actor, Sandbox
from tests.page.conftest import NASTY, with_browser

pytestmark = [with_browser, pytest.mark.usefixtures("bot")]


async def be(screen: Page, name: str) -> None:
    await screen.locator("#people button", has_text=name).click()
    await expect(screen.locator("#people button[aria-current]")).to_contain_text(name)


async def run(screen: Page, command: str) -> None:
    """Type a command with the keyboard alone."""
    await screen.locator("#input").focus()
    await screen.keyboard.type(f"/{command}")
    await screen.keyboard.press("Enter")
    await expect(screen.locator("form.command")).to_be_visible()
    await screen.keyboard.press("Enter")


async def test_from_a_command_over_a_modal_to_the_answer(screen: Page, sandbox: Sandbox) -> None:
    await be(screen, "Alice")
    await run(screen, "room")
    answer = screen.locator(".message.ephemeral")
    await expect(answer).to_contain_text("Your task is ready")
    await expect(answer).to_contain_text("Only you can see this")
    await answer.locator(".mention").click()
    await expect(screen.locator("#place-name")).to_contain_text("task ab12")

    # What somebody wrote is text, whatever it looks like.
    await expect(screen.locator(".embed .text")).to_have_text(NASTY)
    assert await screen.locator("#log img").count() == 0
    assert "owned" not in await screen.title()

    await screen.get_by_role("button", name="Write").click()
    dialog = screen.locator("dialog")
    await expect(dialog.locator("textarea")).to_have_value("Once")
    await dialog.locator("textarea").fill("x" * 61)
    await expect(dialog.locator(".needed", has_text="61 / 60")).to_be_visible()
    await screen.keyboard.press("Control+Enter")
    await expect(dialog.locator(".problem")).to_have_text("'Your text' takes 1 to 60 characters, not 61.")
    await expect(dialog.locator("textarea")).to_have_value("x" * 61)
    await dialog.locator("textarea").fill("a tale\n<b>bold</b>")
    await screen.keyboard.press("Control+Enter")
    thanks = screen.locator(".message.ephemeral .text")
    await expect(thanks).to_have_text("Thanks for a tale\n<b>bold</b>")
    await expect(thanks.locator("strong")).to_have_text("Thanks")
    await expect(dialog).to_have_count(0)

    await be(screen, "Bob")
    await expect(screen.locator("#channels")).not_to_contain_text("ab12")
    await expect(screen.locator(".message")).to_have_count(0)
    assert sandbox.violations == []


async def test_options_and_menus_by_keyboard(screen: Page) -> None:
    await be(screen, "Alice")
    await screen.locator("#input").focus()
    await screen.keyboard.type("/task ")
    await expect(screen.get_by_label("type")).to_be_focused()
    await screen.get_by_label("type").select_option("a story")
    await screen.keyboard.press("Tab")
    await expect(screen.locator(".suggestion")).to_have_count(2)
    await expect(screen.locator(".suggestion[aria-selected=true]")).to_have_count(0)
    await screen.keyboard.type("gr")
    await expect(screen.locator(".suggestion")).to_have_text(["Greek"])
    await screen.keyboard.press("Enter")
    await screen.keyboard.press("Enter")
    message = screen.locator(".message")
    await expect(message).to_contain_text("story in el")
    await expect(message.get_by_role("button", name="Off")).to_be_disabled()

    await message.get_by_role("button", name="Choose all that apply").press("Enter")
    await expect(message.get_by_role("option", name="alpha")).to_be_focused()
    await screen.keyboard.press("Space")
    await screen.keyboard.press("ArrowDown")
    await screen.keyboard.press("Space")
    await expect(message.get_by_role("option", name="gamma")).to_be_disabled()
    await message.get_by_role("button", name="Confirm").press("Enter")
    await expect(message).to_contain_text("chose ['a', 'b']")


async def test_enter_sends_a_command_and_a_choice_can_be_taken_back(screen: Page) -> None:
    await be(screen, "Alice")
    await run(screen, "task")
    message = screen.locator(".message")
    await expect(message).to_contain_text("random in en")
    await message.get_by_role("button", name="How good").click()
    await expect(message.get_by_role("button", name="Clear")).to_have_count(0)
    await message.get_by_role("option", name="fine").click()
    await expect(message).to_contain_text("rated ['f']")
    await message.get_by_role("button", name="How good").click()
    await message.get_by_role("button", name="Clear").click()
    await expect(message).to_contain_text("rated []")


async def test_a_message_that_is_too_long_stays_where_it_was_written(screen: Page) -> None:
    await screen.locator("#input").fill("y" * 2001)
    await screen.keyboard.press("Enter")
    await expect(screen.locator(".toast")).to_have_text("A message takes up to 2000 characters, not 2001.")
    await expect(screen.locator("#input")).to_have_value("y" * 2001)


async def test_components_of_version_2(screen: Page) -> None:
    await run(screen, "card")
    card = screen.locator(".message .embed")
    await expect(card.get_by_role("heading")).to_have_text("A card")
    await expect(card).to_have_css("border-left-color", "rgb(255, 136, 0)")
    await card.get_by_role("button", name="Write").click()
    await expect(screen.locator("dialog")).to_contain_text("Your story")
    await screen.keyboard.press("Escape")
    await expect(screen.locator("dialog")).to_have_count(0)


async def test_the_page_is_live_and_says_what_went_wrong(screen: Page, sandbox: Sandbox, bob: Actor) -> None:
    await be(screen, "Alice")
    bob.send(sandbox.guild.channel("general"), "hello *all*")
    await expect(screen.locator(".message")).to_contain_text("hello all")
    bob.send(sandbox.guild.channel("tasks"), "elsewhere")
    await expect(screen.locator(".channel.unread")).to_have_text("#tasks")
    sandbox.answer_seconds = 0.1
    await run(screen, "silent")
    await expect(screen.locator(".toast")).to_have_text("The application did not respond.")


MARKDOWN = [
    ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
    ("***x***", "<strong><em>x</em></strong>"),
    ("snake_case_word 2*3*4", "snake_case_word 2<em>3</em>4"),
    (r"\*no\* \[l](https://a.example/x)", '*no* [l](<a href="https://a.example/x">https://a.example/x</a>)'),
    ("`**x**` ``a`b``", "<code>**x**</code> <code>a`b</code>"),
    ("a\n```py\nx = '<b>'\n```\nb", "a<pre><code>x = '&lt;b&gt;'</code></pre>b"),
    ("> q\n> r\nplain", "<blockquote>q\nr</blockquote>plain"),
    ("<script>1</script>", "&lt;script&gt;1&lt;/script&gt;"),
    ("[l](javascript:alert(1))", "[l](javascript:alert(1))"),
    ("[l](https://a.example/)", '<a href="https://a.example/">l</a><span> (https://a.example/)</span>'),
    (
        "<@5> <@6> <#7> <@&8>",
        "<span>@Eve</span> <span>@unknown-user</span> <button># here</button> <span>@mods</span>",
    ),
    ("<t:99999999999999:F> <t:0:R>x", "&lt;t:99999999999999:F&gt; <time>TIME</time>x"),
    ("one\n\ntwo", "one\n\ntwo"),
    (
        "one\n\n> two\n\n- three",
        "one\n\n<blockquote>two</blockquote>\n<div><span>•</span><div>three</div></div>",
    ),
    ("**open", "**open"),
]


async def test_markdown_looks_as_in_discord(screen: Page) -> None:
    shown = await screen.evaluate(
        """async (texts) => {
            const { markdown } = await import("/static/markdown.js");
            const names = { users: { 5: "Eve" }, roles: { 8: "mods" }, channels: { 7: "here" }, goTo() {} };
            return texts.map((text) => {
                const box = document.createElement("div");
                box.append(markdown(text, names));
                for (const one of box.querySelectorAll("*")) {
                    if (one.tagName === "TIME") one.textContent = "TIME";
                    const drop = one.getAttributeNames().filter((name) => name !== "href");
                    for (const name of drop) one.removeAttribute(name);
                }
                return box.innerHTML;
            });
        }""",
        [text for text, _ in MARKDOWN],
    )
    assert shown == [html for _, html in MARKDOWN]
