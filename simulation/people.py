"""A simulated person: asks for tasks, reads them, does them as the script has it, and asks for the next."""

import asyncio
import random
from collections.abc import Sequence

from discord_sandbox import Actor, Channel, MessageView, SandboxError
from simulation.eyes import Kind, SeenTask, is_open, mentioned_thread, read_task
from simulation.hands import Hands
from simulation.reviewing import Opinion
from simulation.script import Part, Sighting, UnknownTextError
from simulation.town import CommunityError, Town

__all__ = ["Person"]

TASKS_PER_THREAD = 12
"""After so many tasks in one thread a person is done there and opens another one."""

THOROUGH = 0.3
"""How often a reviewer answers every question."""

_FIRST_WAIT, _LONGEST_WAIT = 0.25, 3.0
_WAIT_FOR_OTHER = 10.0
_ACCEPT, _STRAIGHT, _NEXT, _DONE = "I accept", "Straight to my task", "Next task", "Done"
_UNKNOWN_LANGUAGE = "I do not know that language"


class Person:
    """Somebody who plays tasks.

    Attributes:
        name: what they are called.
    """

    def __init__(
        self, actor: Actor, town: Town, channel: Channel, languages: Sequence[str], *, errand: bool, seed: int
    ) -> None:
        """Wake a person up.

        Args:
            actor: their hands and eyes.
            town: what they share with the others.
            channel: where they type commands.
            languages: what they speak, the first is tried first.
            errand: whether they start conversations of their own, that is: send spam.
            seed: for their moods.
        """
        self.name = actor.name
        self._actor = actor
        self._town = town
        self._hands = Hands(actor, town)
        self._channel = channel
        self._languages = list(languages)
        self._errand = errand
        self._rng = random.Random(seed)  # noqa: S311  # a rehearsal must be repeatable, not unguessable
        self._controls: MessageView | None = None
        self._thread: Channel | None = None
        self._tasks_here = 0
        self._last_word = ""

    async def live(self) -> None:
        """Do one task after the other until cancelled.

        Raises:
            CommunityError: something that no person should meet.
        """
        wait, fruitless = _FIRST_WAIT, 0
        try:
            while True:
                task = await self._next_task()
                if task is not None and await self._play(task):
                    wait, fruitless = _FIRST_WAIT, 0
                    continue
                fruitless += 1
                await self._change_language()
                if fruitless % len(self._languages) == 0:
                    heard = f" and was told {self._last_word!r}" if self._last_word else ""
                    self._town.doing(self.name, f"has nothing to do{heard}")
                    await self._town.news(wait)
                    wait = min(2 * wait, _LONGEST_WAIT)
        except UnknownTextError as error:
            raise CommunityError(f"{self.name} sees what nobody wrote: {error}") from error
        except SandboxError as error:
            raise CommunityError(f"{self.name}, {type(error).__name__}: {error}") from error

    async def _next_task(self) -> SeenTask | None:
        """Find work in the language of the moment."""
        if self._errand and self._town.script.spam_prompts_left:
            await self._leave_thread()
            task = await self._ask(type=Kind.initial_prompt.name)
            if task is not None:
                # What comes next in that thread would be of the same type.
                self._tasks_here = TASKS_PER_THREAD
                return task
        if self._thread is not None and self._tasks_here < TASKS_PER_THREAD:
            return await self._ask_for_next(self._thread)
        await self._leave_thread()
        return await self._ask()

    async def _change_language(self) -> None:
        if len(self._languages) > 1:
            await self._leave_thread()
            self._languages.append(self._languages.pop(0))

    async def _ask(self, **options: str) -> SeenTask | None:
        language = self._languages[0]
        self._town.doing(self.name, f"types /task language:{language}")
        answer = await self._hands.command(self._channel, language=language, **options)
        if _ACCEPT in answer.buttons:
            answer = await self._accept(answer)
        thread_id = mentioned_thread(answer)
        if _UNKNOWN_LANGUAGE in answer.content:
            raise CommunityError(f"The bot does not know the language {language!r}, which the file has.")
        if thread_id is None:
            self._note_nothing(answer)
            return None
        thread = await self._hands.until(
            lambda: next((one for one in self._actor.threads() if one.id == thread_id), None),
            "the thread that the bot speaks of",
        )
        if thread is None:
            return None
        self._thread, self._tasks_here = thread, 0
        return await self._read(thread, None)

    async def _accept(self, terms: MessageView) -> MessageView:
        """Accept the terms; from the welcome the bot goes on with what was asked for."""
        answer = (await self._hands.press(terms, _ACCEPT)).message or terms
        if _STRAIGHT in answer.buttons:
            answer = (await self._hands.press(answer, _STRAIGHT)).message or answer
        await self._hands.until(
            lambda: not answer.loading and _STRAIGHT not in answer.buttons, "what comes after the welcome"
        )
        return answer

    async def _ask_for_next(self, thread: Channel) -> SeenTask | None:
        last = self._controls
        if last is None or _NEXT not in last.buttons:
            return None
        self._town.doing(self.name, "asks for the next task")
        newest = self._actor.messages(thread)[-1]
        await self._hands.tap(last, _NEXT)
        return await self._read(thread, newest)

    async def _read(self, thread: Channel, after: MessageView | None) -> SeenTask | None:
        """Wait for a task below a message, or for the bot's word that there is none."""
        self._town.doing(self.name, "waits for a task to be shown")

        def come() -> SeenTask | MessageView | None:
            messages = self._actor.messages(thread)
            if after is not None:
                messages = messages[messages.index(after) + 1 :]
            task = read_task(messages)
            if task is not None:
                return task
            # A word with a link leads to the open task, which is still being shown.
            words = (one for one in messages if one.ephemeral and not one.loading)
            return next((one for one in words if mentioned_thread(one) is None), None)

        found = await self._hands.until(come, "a task, or word that there is none")
        if isinstance(found, MessageView):
            self._note_nothing(found)
            return None
        if found is not None:
            self._controls = found.controls
        return found

    def _note_nothing(self, answer: MessageView) -> None:
        self._town.counts.nothing_to_do += 1
        self._last_word = answer.content.partition("\n")[0]

    async def _leave_thread(self) -> None:
        if self._controls is not None and _DONE in self._controls.buttons:
            self._town.doing(self.name, "leaves a thread")
            await self._hands.tap(self._controls, _DONE)
        self._controls = self._thread = None

    async def _play(self, task: SeenTask) -> bool:
        """Do a task; return False if it was given back and the same would come again."""
        self._tasks_here += 1
        sighting = Sighting(None, spam=False)
        if task.conversation:
            sighting = self._town.script.find(task.conversation)
        where = sighting.node.name if sighting.node is not None else "spam" if sighting.spam else "a new tree"
        self._town.doing(self.name, f"works on {task.kind} at {where}")
        match task.kind:
            case Kind.label_initial_prompt | Kind.label_prompter_reply | Kind.label_assistant_reply:
                return await self._review(task, sighting)
            case Kind.rank_assistant_replies | Kind.rank_prompter_replies:
                return await self._rank(task, sighting)
            case _:
                return await self._write(task, sighting)

    async def _write(self, task: SeenTask, sighting: Sighting) -> bool:
        part = await self._part(task, sighting)
        if part is None:
            await self._give_back(task)
            return task.kind is not Kind.initial_prompt
        taken = await self._hands.write(task, part.text)
        counts = self._town.counts
        if not taken:
            self._town.script.give_back(part)
            await self._refused(task)
            return True
        self._town.script.taken(part)
        counts.replies += part.node is not None
        counts.spam += part.node is None
        await self._town.finished(task.kind)
        return True

    async def _part(self, task: SeenTask, sighting: Sighting) -> Part | None:
        script = self._town.script
        if task.kind is Kind.initial_prompt:
            return script.hand_out_prompt(self.name)
        if sighting.node is None:
            return None
        part = script.hand_out(sighting.node, self.name)
        try:
            async with asyncio.timeout(_WAIT_FOR_OTHER):
                while part is None and script.being_written(sighting.node):
                    # Whoever holds the last text may have to give it back.
                    await self._town.news(_FIRST_WAIT)
                    part = script.hand_out(sighting.node, self.name)
        except TimeoutError:
            return None
        return part

    async def _rank(self, task: SeenTask, sighting: Sighting) -> bool:
        if sighting.node is None:
            await self._give_back(task)
            return True
        ballot = self._town.script.rank(sighting.node, await self._hands.read(task))
        if await self._hands.rank(task, ballot.order):
            await self._town.finished(task.kind)
        else:
            self._town.script.withdraw(ballot)
            await self._refused(task)
        return True

    async def _review(self, task: SeenTask, sighting: Sighting) -> bool:
        opinion = Opinion(spam=sighting.spam, taste=self._rng.randrange(5))
        if await self._hands.review(task, opinion, thorough=self._rng.random() < THOROUGH):
            self._town.counts.spam_found += sighting.spam
            await self._town.finished(task.kind)
        else:
            await self._refused(task)
        return True

    async def _refused(self, task: SeenTask) -> None:
        self._town.refused(task.controls.content)
        await self._give_back(task)

    async def _give_back(self, task: SeenTask) -> None:
        if is_open(task.controls):
            await self._hands.skip(task)
            self._town.counts.skipped += 1
            if task.kind is not Kind.initial_prompt:
                await self._town.moved()
