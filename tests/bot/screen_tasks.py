"""One task of each kind as people may meet it: long and short texts, code, lists, several scripts."""

from typing import Any
from uuid import uuid4

from tests.bot.conftest import said

QUESTION = """I keep a small bakery. Every morning I note what is left over from the day before:

- rolls: 12
- rye bread: 3
- plaits with raisins: 1

How can I find out *how many rolls* to bake on a Saturday? I know a little Python."""

ANSWER = """Good question! You need three things: **what you baked**, **what was left**, and the weekday.

1. Write one line a day into a file.
2. Take the Saturdays of the last two months.
3. Add the mean of what was sold and a small reserve.

```python
from statistics import mean, stdev

sold = [88, 94, 79, 101, 90, 97, 85, 92]
bake = mean(sold) + stdev(sold) / 2
print(round(bake))
```

> A reserve of half a standard deviation means that you run out on about every third Saturday.

See [Python's manual](https://docs.python.org/3/library/statistics.html) for the functions."""

FOLLOW_UP = "Thank you, that works! And before holidays? ¿Y en Navidad?"

ARABIC = "مرحبا! كيف يجد النحل طريقه إلى البيت؟ (3)"
JAPANESE = "ミツバチはどうやって巣に帰りますか。"

LONG_REPLY = "That depends on the holiday. " + " ".join(
    f"In {year} you may have sold {80 + 7 * number} rolls the day before Easter, "
    f"and {60 + 9 * number} before Christmas, when many people bake at home."
    for number, year in enumerate(range(2016, 2026))
)

REPLIES = (
    "Double it.",
    "Look up how much you sold on the last four days before a holiday, and bake the mean of those.",
    LONG_REPLY,
    ARABIC,
)

LABELS = [
    {
        "name": "spam",
        "widget": "yes_no",
        "display_text": "Is it spam?",
        "help_text": "Poor on purpose, or nothing to do with the conversation.",
    },
    {
        "name": "fails_task",
        "widget": "yes_no",
        "display_text": "Does it fail the task?",
        "help_text": "The reply does not do what was asked, however well it is written.",
    },
    *(
        {
            "name": name,
            "widget": "flag",
            "display_text": words,
            "help_text": f"{words}: choose it if it does.",
        }
        for name, words in (
            ("lang_mismatch", "Wrong language"),
            ("pii", "Names a private person"),
            ("hate_speech", "Hateful"),
        )
    ),
    *(
        {"name": name, "widget": "likert", "display_text": words, "help_text": f"All in all: {words.lower()}"}
        for name, words in (
            ("quality", "How good is it?"),
            ("humor", "How funny is it?"),
            ("helpfulness", "How helpful is it?"),
            ("creativity", "How creative is it?"),
        )
    ),
]


def screen_task(kind: str) -> dict[str, Any]:
    """Make the task of a kind."""
    turns = [said(QUESTION), said(ANSWER, is_assistant=True), said(FOLLOW_UP)]
    body: dict[str, Any] = {"id": str(uuid4()), "type": kind}
    match kind:
        case "initial_prompt":
            body["hint"] = "Ask for help with something that you do with your hands."
        case "prompter_reply":
            body["conversation"] = {"messages": turns[:2]}
        case "assistant_reply":
            body["conversation"] = {"messages": turns}
        case "summarize_story":
            body["story"] = f"{QUESTION}\n\n{ANSWER}"
        case "rate_summary":
            body |= {
                "full_text": ANSWER,
                "summary": "Bake the mean and a bit more.",
                "scale": {"min": 1, "max": 5},
            }
        case "rank_initial_prompts":
            body["prompt_messages"] = [said(text) for text in (QUESTION, FOLLOW_UP, JAPANESE, ARABIC)]
        case "rank_prompter_replies":
            body |= {
                "conversation": {"messages": turns[:2]},
                "reply_messages": [said(one) for one in REPLIES],
            }
        case "rank_assistant_replies":
            replies = [said(one, is_assistant=True) for one in REPLIES]
            body |= {"conversation": {"messages": turns}, "reply_messages": replies}
        case _:
            shown = {"label_initial_prompt": 1, "label_assistant_reply": 2, "label_prompter_reply": 3}[kind]
            simple = kind == "label_prompter_reply"
            labels = [
                one for one in LABELS if not simple or one["name"] in {"spam", "lang_mismatch", "quality"}
            ]
            body |= {
                "conversation": {"messages": turns[:shown]},
                "message_id": turns[shown - 1]["id"],
                "labels": labels,
                "valid_labels": [one["name"] for one in labels],
                "mandatory_labels": ["spam"],
                "mode": "simple" if simple else "full",
                "disposition": "spam" if simple else "quality",
            }
    return body
