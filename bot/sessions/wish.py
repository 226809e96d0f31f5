"""What somebody asks for: a kind of task in a language."""

from dataclasses import dataclass

from bot.texts import Texts
from oasst_client import TaskRequestType


@dataclass(frozen=True)
class Wish:
    """What somebody asked for; `lang` is a BCP 47 tag."""

    kind: TaskRequestType
    lang: str

    def words(self, texts: Texts) -> str:
        """Name the work in a person's language, as the end of "there is no work: ..."."""
        language = texts.language_name(self.lang)
        if self.kind is TaskRequestType.random:
            return texts("work.anything", language=language)
        return texts("work.kind", kind=texts(f"command.task.type.{self.kind.value}"), language=language)
