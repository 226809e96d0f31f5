"""What a session's messages look like in each of its states."""

from collections.abc import Callable
from dataclasses import replace

from bot.forms import FormRules, FormState, Panel, TaskForm, form_for
from bot.forms.controls import ending_rows, leaving_row, thanks
from bot.points import earned_line
from bot.rendering import times
from bot.store.sessions import Session, SessionState
from bot.texts import Texts, texts_for
from oasst_client import OasstErrorCode


class Presenter:
    """Knows the form of each session.

    Args:
        longest_text: how many characters (code points) of a text the backend takes.
    """

    def __init__(self, longest_text: int) -> None:
        self._rules = FormRules(longest_text)

    def form(self, session: Session) -> TaskForm:
        """Give the form of a session's task.

        Raises:
            NoFormError: nobody can answer such a task.
        """
        return form_for(session.task, self._rules)

    def first_state(self, session: Session) -> str:
        """Give the form's state, as JSON, of a task that nobody has touched.

        Raises:
            NoFormError: nobody can answer such a task.
        """
        state: FormState = self.form(session).first_state(session.task)
        return state.model_dump_json()

    def state(self, session: Session) -> FormState:
        """Read what the person did so far."""
        state: FormState = self.form(session).state_type.model_validate_json(session.form_state)
        return state

    def task(self, session: Session) -> list[Panel]:
        """Give the messages that show the task, without the controls."""
        texts = texts_for(session.locale)
        return self.form(session).shown(session.task, texts, lang=session.lang, closes_at=session.expires_at)

    def controls(self, session: Session, *, may_go_on: bool = False) -> Panel:
        """Give the message with the controls.

        Args:
            session: the session.
            may_go_on: once the session is over, whether to offer the next task and the end.
        """
        texts = texts_for(session.locale)
        ending = _ENDINGS.get(session.state)
        if ending is not None:
            return replace(ending(session, texts), rows=ending_rows(texts) if may_go_on else ())
        form = self.form(session)
        held = _held(session, form, texts)
        panel = form.controls(session.task, self.state(session), texts, held=held)
        as_written = bool(form.texts_of(session.task, texts))
        leaving = leaving_row(texts, paused=session.paused, as_written=as_written)
        panel = replace(panel, rows=(*panel.rows, leaving))
        if not session.paused:
            return panel.with_footnote("-# " + texts("intro.closes", time=times.relative(session.expires_at)))
        return panel if held else panel.with_notice(texts("task.paused", time=kept_until(session)))

    def draft(self, session: Session) -> str | None:
        """Give the text that the person wrote and that nobody has taken yet, if there is one."""
        return getattr(self.state(session), "draft", None)


def kept_until(session: Session) -> str:
    """Say until when a task is its person's, as each reader's own date and time."""
    return times.date_and_time(session.expires_at)


def _held(session: Session, form: TaskForm, texts: Texts) -> str | None:
    """Say that the backend did not take an answer, why, and what to do; None where nothing is amiss."""
    if session.state is not SessionState.held:
        return None
    key = form.held_key
    if session.paused:
        key = "held.paused"
    elif session.problem == OasstErrorCode.user_has_not_accepted_tos:
        key = "held.terms"
    return texts(key, reason=problem_text(session.problem, texts), time=kept_until(session))


def problem_text(code: int | None, texts: Texts) -> str:
    """Say in a person's words why the backend did not take an answer."""
    key = f"backend.{code}"
    return texts(key) if texts.has(key) else texts("backend.other", code=code or 0)


_ENDINGS: dict[SessionState, Callable[[Session, Texts], Panel]] = {
    SessionState.submitted: lambda _, texts: Panel(texts("task.saved")),
    SessionState.delivered: lambda session, texts: Panel(
        f"{thanks(session.task.type, texts)}\n{earned_line(session.task, texts)}".strip()
    ),
    SessionState.refused: lambda session, texts: Panel(
        texts("task.refused", reason=problem_text(session.problem, texts))
    ),
    SessionState.skipped: lambda session, texts: Panel(
        texts("task.stopped" if session.closing else "task.skipped")
    ),
    SessionState.expired: lambda _, texts: Panel(texts("task.expired")),
    SessionState.left: lambda _, texts: Panel(texts("task.left")),
}
