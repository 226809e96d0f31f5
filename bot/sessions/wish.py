"""What somebody asks for: a type of task in a language."""

from dataclasses import dataclass

from bot.texts import Texts
from oasst_client import TaskRequestType


@dataclass(frozen=True)
class Wish:
    """What somebody asked for.

    Attributes:
        task_type: the type.
        lang: a BCP 47 tag.
        remembers_lang: they named the language, so that it is theirs for later tasks, too.
        takes_other_langs: they named no language, so that another one of theirs will do.
    """

    task_type: TaskRequestType
    lang: str
    remembers_lang: bool = False
    takes_other_langs: bool = False

    def words(self, texts: Texts) -> str:
        """Name the work in a person's language, as the end of "there is no work: ..."."""
        language = texts.language_name(self.lang)
        if self.task_type is TaskRequestType.random:
            return texts("work.anything", language=language)
        return texts("work.kind", kind=texts(f"command.task.type.{self.task_type.value}"), language=language)
