"""The life of a task in Discord: offered, posted, answered, handed in, closed."""

from bot.sessions.service import TaskSessions

__all__ = ["TaskSessions"]
