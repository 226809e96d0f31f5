"""Reads boards page by page, by whatever calls the backend has."""

from collections.abc import Sequence
from typing import Final

from bot.community.board_choice import OWN_PAGE, BoardChoice, Scope
from bot.community.board_pages import (
    AROUND,
    ROWS,
    BoardPage,
    Reader,
    Source,
    Stretch,
    page_with,
    span_of,
)
from bot.store.contributors import Contributors
from oasst_client import (
    AuthMethod,
    LeaderboardTimeFrame,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    OasstErrorCode,
    PersonKey,
    User,
)

TOP: Final = 1000
"""Rows that are read from the top without a second thought."""

DEEPEST: Final = 10_000
"""The most rows, and the most people of a server, that a board's call takes."""

WINDOW: Final = 1000
"""The most rows around a person that the backend gives."""


class BoardReader:
    """Finds pages of boards.

    Everywhere's board is read from the top, and around a person who is further down; the protocol has no
    other way into its middle. A server's board is that of its contributors, counted by the backend where it
    can do that, and else picked out of the top of everywhere's board.
    """

    def __init__(self, client: OasstApiClient, contributors: Contributors) -> None:
        self._client = client
        self._contributors = contributors

    async def read(self, choice: BoardChoice, user: User, guild_id: int | None) -> BoardPage:
        """Read the page that somebody wants; one that is not there (any more) gives way to the first.

        Args:
            choice: which board and page.
            user: who looks at it.
            guild_id: the server that `Scope.server` means.

        Raises:
            OasstError: the board could not be read.
        """
        reader = await self._reader(user)
        page = await self._read(choice, reader, guild_id)
        if page.rows or page.number == 1:
            return page
        return await self._read(choice.turned(1), reader, guild_id)

    async def _read(self, choice: BoardChoice, reader: Reader, guild_id: int | None) -> BoardPage:
        if choice.scope is Scope.everywhere or guild_id is None:
            return await self._everywhere(choice, reader)
        ids = await self._contributors.of_guild(guild_id, DEEPEST)
        if not ids:
            return BoardPage(1, (), False, (), None, reader.hidden, Source.server)
        try:
            return await self._among(choice, reader, ids)
        except NotSupportedError:
            return await self._picked_out(choice, reader, ids)

    async def _reader(self, user: User) -> Reader:
        """Ask the backend about the reader: it first hears of people with their first task."""
        try:
            known = await self._client.fetch_user(user)
        except NotFoundError as error:
            return Reader(user, is_new=error.code == OasstErrorCode.user_not_found)
        return Reader(user, known.user_id, hidden=not known.show_on_leaderboard)

    async def _everywhere(self, choice: BoardChoice, reader: Reader) -> BoardPage:
        window = await self._window(choice.period, reader, AROUND)
        if window is None:
            # The backend cannot look around a person: their row is looked for among the first.
            top = await self._top(choice.period, reader, max(TOP, span_of(choice.page)[1] + 1))
            return _page_of(choice, reader, top, Source.everywhere, is_cut=len(top.rows) >= TOP)
        own = reader.place_in(window.rows)
        number = page_with(own) if choice.page == OWN_PAGE else choice.page
        holds_all = own is not None and number == page_with(own)
        stretch = window if holds_all else await self._stretch(choice.period, reader, number, own)
        rows, has_more = stretch.page(number)
        around = window.around(own)
        return BoardPage(
            number, rows, has_more, around, own, reader.hidden, Source.everywhere, stretch.updated
        )

    async def _stretch(
        self, period: LeaderboardTimeFrame, reader: Reader, number: int, own: int | None
    ) -> Stretch:
        """Read rows that hold a page and one row more, as far as the protocol leads there."""
        _, last = span_of(number)
        is_near = own is not None and abs(own - last) < WINDOW // 2 - 2 * ROWS
        if last >= TOP and is_near:
            window = await self._window(period, reader, WINDOW)
            if window is not None:
                return window
        return await self._top(period, reader, last + 1)

    async def _top(self, period: LeaderboardTimeFrame, reader: Reader, count: int) -> Stretch:
        board = await self._client.fetch_leaderboard(period, max_count=min(count, DEEPEST), user=reader.known)
        return Stretch.of(board.leaderboard, board.last_updated)

    async def _window(self, period: LeaderboardTimeFrame, reader: Reader, size: int) -> Stretch | None:
        """Read the rows around the reader: none for who is on no board; None where nobody can tell."""
        if reader.user_id is None:
            return Stretch(()) if reader.is_new else None
        try:
            board = await self._client.fetch_score_window(reader.user_id, period, window_size=size)
        except NotFoundError:
            return None
        if board is None:
            return Stretch(())
        return Stretch.of(board.leaderboard, board.last_updated, first=None)

    async def _among(self, choice: BoardChoice, reader: Reader, ids: Sequence[int]) -> BoardPage:
        first, _ = span_of(min(max(choice.page, 1), DEEPEST // ROWS))
        board = await self._client.fetch_leaderboard_among(
            choice.period,
            [PersonKey(auth_method=AuthMethod.discord, id=str(user_id)) for user_id in ids],
            first=first,
            max_count=ROWS + 1,
            window_size=AROUND,
            user=reader.known,
        )
        around = Stretch.of(board.around, board.last_updated, first=None)
        own = reader.place_in(around.rows)
        if choice.page == OWN_PAGE and own is not None:
            number, stretch = page_with(own), around
        else:
            number, stretch = page_with(first), Stretch.of(board.leaderboard, board.last_updated, first=first)
        rows, _ = stretch.page(number)
        has_more = span_of(number)[1] < board.people
        return BoardPage(
            number, rows, has_more, around.rows, own, reader.hidden, Source.server, board.last_updated
        )

    async def _picked_out(self, choice: BoardChoice, reader: Reader, ids: Sequence[int]) -> BoardPage:
        top = await self._top(choice.period, reader, TOP)
        names = {str(user_id) for user_id in ids}
        here = [
            row.score
            for row in top.rows
            if row.score.auth_method == AuthMethod.discord and row.score.username in names
        ]
        board = Stretch.of(here, top.updated)
        return _page_of(choice, reader, board, Source.server_of_top, is_cut=len(top.rows) >= TOP)


def _page_of(
    choice: BoardChoice, reader: Reader, board: Stretch, source: Source, *, is_cut: bool
) -> BoardPage:
    """Cut a page out of a board that was read from its top; `is_cut`: there is more of it."""
    own = reader.place_in(board.rows)
    number = page_with(own) if choice.page == OWN_PAGE else choice.page
    rows, has_more = board.page(number)
    return BoardPage(
        number,
        rows,
        has_more,
        board.around(own),
        own,
        reader.hidden,
        source,
        board.updated,
        is_cut=own is None and is_cut,
    )
