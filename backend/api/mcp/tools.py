"""What an MCP client finds here: tools that make and change pages, and a view that shows them develop in its host."""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any

from mcp import MCPError
from mcp.server.apps import Apps, Visibility
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import (
    INVALID_PARAMS,
    Annotations,
    CallToolResult,
    GetPromptResult,
    InputRequiredResult,
    ResourceLink,
    TextContent,
    ToolAnnotations,
)
from pydantic import AnyUrl, Field

from backend.api.mcp.developing_pages import Asked, DevelopingPages, fields
from backend.api.mcp.errors import Errors
from backend.api.mcp.session_limit import GUEST, SESSION_KEY
from backend.api.mcp.view import VIEW, view
from backend.api.visit import Finished, Visit, Waiting
from backend.auth.client import ClientIdentity
from backend.auth.client_address import network
from backend.errors import ProtocolError, StoreError
from backend.kit.bundle import dressed
from backend.offload import beside
from backend.prompts.brief import ANY, WorldOrAny
from backend.prompts.element_names import quotable
from backend.protocol.messages import Target
from backend.sessions.notifier import UNCHANGED, in_doubt
from backend.sessions.registry import SessionRegistry
from backend.shape import brief, build
from backend.version import release

PAGE_URI = "silverprint://page/{page}"
HTML = "silverprint/html"
"""Where a result's _meta holds the page, for the view; the model would read it token by token."""

TITLE_CHARS = 80
"""The most characters of a page's title in the sentence that the host's model reads.

The title is in quotes that it cannot end.
"""

INSTRUCTIONS = (
    "Makes HTML pages from a sentence and changes them. Say what the page is for; the page is shown to the user."
)
Words = Annotated[str, Field(description="in plain words, up to 4,000 characters")]
PageId = Annotated[str, Field(description="the id of a page, as an earlier result gave it")]


class Tools:
    """The tools of one service; their docstrings are the descriptions that hosts give to models.

    Args:
        registry: The sessions.
        home: The shell's origin, for links.
    """

    def __init__(self, registry: SessionRegistry, home: str) -> None:
        self._registry, self._home, self._developing = registry, home, DevelopingPages()

    async def make_page(self, prompt: Words, ctx: Context[Any], world: WorldOrAny = ANY) -> CallToolResult:
        """Make a page.

        What the words are best answered by is made, unless world says which. "web" is a page of a site, "os" a
        desktop's screen, "app" a small application.
        """
        return await self._made(Asked(who(ctx), world, prompt), lambda visit: visit.make(prompt, world), ctx)

    async def edit_page(self, page: PageId, instruction: Words, ctx: Context[Any]) -> CallToolResult:
        """Change a page as the instruction says; the old version stays. Gives the new version's id."""
        asked = Asked(who(ctx), page, instruction)
        return await self._made(asked, lambda visit: visit.edit(page, instruction), ctx)

    async def follow_link(
        self, page: PageId, text: str, ctx: Context[Any], href: str = "", form: dict[str, str] | None = None
    ) -> CallToolResult:
        """Open what a link, button or form of a page leads to."""
        target = {"tag": "form" if form else "a", "text": text, "href": href, "form": form}
        asked = Asked(who(ctx), page, text, href, fields(form))
        return await self._made(asked, lambda visit: visit.follow(page, build(Target, target, "target")), ctx)

    async def watch_page(
        self,
        of: str,
        text: str,
        ctx: Context[Any],
        seen: int = 0,
        href: str | None = None,
        form: dict[str, str] | None = None,
    ) -> CallToolResult:
        """Return the newest draft of a page that the same client has made, once there is another than the one seen.

        of: world or page. href and form: as follow_link was given them.
        """
        found = await self._developing.after(Asked(who(ctx), of, text, href, fields(form)), max(0, seen))
        number, html = found or (0, "")
        told = {"number": number, "making": found is not None}
        said = TextContent(text="developing" if found else "nothing is being made")
        return CallToolResult(content=[said], structured_content=told, _meta={HTML: html} if html else {})

    async def read(self, page: str) -> str:
        """A page as a document that works alone."""
        try:
            record = await self._registry.page(page)
        except StoreError as error:
            raise ResourceNotFoundError("the store cannot be reached, and this page is kept there") from error
        if record is None:
            unknown = ProtocolError("unknown_page", f"expected the id of a page, got {brief(page)}")
            raise ResourceNotFoundError(unknown.message) from unknown
        return await beside(len(record.html), dressed, record.html, record.kit)

    async def _made(self, asked: Asked, begin: Callable[[Visit], Awaitable[None]], ctx: Context[Any]) -> CallToolResult:
        """Make a page for a tool: keep its drafts for views, report progress, and return the result.

        Raises:
            ToolError: The page failed or was stopped.
        """
        visit = None
        try:
            visit = Visit(self._registry, guest_of(ctx))
            await begin(visit)
            await self._developing.show(asked, "")
            async for draft in visit.drafts():
                if isinstance(draft, Waiting):
                    await ctx.report_progress(0, None, f"number {draft.position} in line")
                    continue
                await self._developing.show(asked, await beside(len(draft.html), dressed, draft.html))
                live = draft.live
                done = live.block + live.step / max(live.steps, 1)
                await ctx.report_progress(done, None, f"canvas {live.block + 1}, step {live.step} of {live.steps}")
        except ProtocolError as error:
            raise ToolError(error.message) from error
        finally:
            if visit:
                visit.close()
            await self._developing.forget(asked)
        assert visit.finished
        made = visit.finished
        return self._result(made, await beside(len(made.html), made.dressed))

    def _result(self, page: Finished, html: str) -> CallToolResult:
        """Return what a tool answers for a finished page.

        Args:
            page: The page.
            html: The page as its view shows it, with the kit inside, because the view loads nothing.
        """
        link = f"{self._home}/p/{page.page}"
        told = {"page": page.page, "title": page.title, "url": page.url, "world": page.world, "link": link}
        structured = told | page.outcome
        called = quotable(page.title, TITLE_CHARS)
        said = f"Made the page “{called}” (id {page.page}). It can be opened at {link}"
        said += f"\n{UNCHANGED}" if page.unchanged else ""
        said += f"\n{in_doubt(page.doubt)}" if page.doubt else ""
        uri = PAGE_URI.format(page=page.page)
        shown = Annotations(audience=["user"])  # It is a document to look at, with the kit inside.
        linked = ResourceLink(uri=uri, name=page.page, title=page.title, mime_type="text/html", annotations=shown)
        meta = {HTML: html}
        return CallToolResult(content=[TextContent(text=said), linked], structured_content=structured, _meta=meta)


class PageServer(MCPServer[Any]):
    """A server that refuses unknown names as the protocol says.

    For a tool's unknown name the library makes a result. For a prompt's it makes a failure of the server, with a
    traceback in the log.

    Args:
        tell: Counts an error by its code.
        *given: Arguments of the library's server.
        **options: Options of the library's server.
    """

    def __init__(self, tell: Callable[[str], None], *given: Any, **options: Any) -> None:
        self._errors = Errors(tell)
        super().__init__(*given, middleware=[self._errors], **options)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            MCPError: There is no tool with this name.
            ToolError: The tool failed; the text is short.
        """
        if name not in {tool.name for tool in await self.list_tools()}:
            raise MCPError(INVALID_PARAMS, f"expected the name of a tool, got {brief(name)}")
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            raise self._errors.of_tool(error) from error.__cause__

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource.

        Raises:
            ResourceNotFoundError: There is no resource with this address.
        """
        try:
            return await super().read_resource(uri, context)
        except ResourceNotFoundError as error:
            if error.__cause__:
                raise
            raise ResourceNotFoundError(f"expected the address of a page or a view, got {brief(str(uri))}") from None

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Refuse the name of a prompt, because there are none.

        Raises:
            MCPError: Always.
        """
        raise MCPError(INVALID_PARAMS, f"expected the name of a prompt, of which there are none, got {brief(name)}")


def guest_of(ctx: Context[Any]) -> ClientIdentity:
    """Return the client that calls a tool, as admission identified it, or else whoever started this process."""
    request = ctx.request_context.request
    return request.scope[GUEST] if request is not None else ClientIdentity("stdio")


def who(ctx: Context[Any]) -> tuple[str, ...]:
    """Return what tells a client from all others: its session, its token or Origin, and where it comes from."""
    request = ctx.request_context.request
    if request is None:
        return ()
    names = (request.headers.get(SESSION_KEY, ""), request.headers.get("origin", ""))
    identity = guest_of(ctx)
    return (*names, identity.name, network(identity.address))


def server(registry: SessionRegistry, home: str, tell: Callable[[str], None] = lambda code: None) -> PageServer:
    """Return the MCP server of one service.

    What it lists never changes, so nobody can subscribe to that.

    Args:
        registry: The sessions.
        home: The shell's origin, for links.
        tell: Counts an error that a client is told, by its code.
    """
    tools, apps = Tools(registry, home), Apps()
    notes = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
    made_by: tuple[tuple[Callable[..., Any], str, Sequence[Visibility]], ...] = (
        (tools.make_page, "Make a page", ("model", "app")),
        (tools.edit_page, "Change a page", ("model", "app")),
        (tools.follow_link, "Follow a link", ("app",)),
        (tools.watch_page, "Watch a page develop", ("app",)),
    )
    for call, title, seen_by in made_by:
        apps.tool(resource_uri=VIEW, visibility=seen_by, title=title, annotations=notes)(call)
    apps.add_html_resource(VIEW, view(), name="page", title="The page, as it develops", prefers_border=True)
    with own_logging():
        made = PageServer(
            tell,
            "silverprint",
            "Silverprint",
            instructions=INSTRUCTIONS,
            version=release(),
            extensions=[apps],
            subscriptions=False,
        )
    made.resource(PAGE_URI, name="page", title="A page that was made", mime_type="text/html")(tools.read)
    return made


@contextlib.contextmanager
def own_logging() -> Iterator[None]:
    """Keep the root logger as it is while the block runs, because the library configures it for whole programs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
