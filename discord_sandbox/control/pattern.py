"""Regular expressions that take no longer than the text is long, whatever they say."""

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, SchemaError, SchemaValidator, core_schema

_LONGEST = 500
"""How many characters it may have: the time that it takes grows with them."""


class Pattern:
    """A regular expression as Rust's `regex` writes it, which pydantic brings along.

    Python's own `re` can take for ever over a few letters, such as with `(a+)+$`, and would stop the whole
    sandbox meanwhile. This one knows neither look-around nor references back, and so cannot.

    Args:
        text: The expression; it may be found anywhere.

    Raises:
        ValueError: It is none.
    """

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._found = SchemaValidator(core_schema.str_schema(pattern=text, regex_engine="rust-regex"))
        except SchemaError as error:
            why = str(error).splitlines()[-1].strip().removeprefix("error: ").removeprefix("SchemaError: ")
            raise ValueError(f"{text!r} is no regular expression: {why}") from error

    @classmethod
    def __get_pydantic_core_schema__(cls, _: type, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(strict=True, min_length=1, max_length=_LONGEST),
            serialization=core_schema.to_string_ser_schema(when_used="always"),
        )

    def __str__(self) -> str:
        return self.text

    def found_in(self, text: str) -> bool:
        """Whether it is found somewhere in a text."""
        return self._found.isinstance_python(text)
