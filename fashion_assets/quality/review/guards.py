"""What keeps other web sites out of a page that is served on the reviewer's own machine.

A foreign site can make a browser send requests to the loopback interface. Names that only rebind to it are refused by
Starlette's TrustedHostMiddleware, writes from foreign pages here; and the page itself may run no script but its own.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class SameOriginOnly:
    """Refuses what a page of another origin sends, and sets HEADERS on every response.

    A request without an Origin header comes from no browser's page, except for reading, which browsers keep to
    themselves.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {"Cache-Control": "no-cache", **HEADERS}.items():
                    headers.setdefault(name, value)
            await send(message)

        asked = Headers(scope=scope)
        origin = asked.get("origin")
        if origin not in (None, f"http://{asked.get('host')}"):
            refusal = (
                f"A page of '{origin}' may not use the review page; open the address that `fashion review` prints."
            )
            await JSONResponse({"error": refusal}, status_code=403)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)
