"""Keeps other web sites out of a page that is served on the reviewer's own machine.

A foreign site can make a browser send requests to the loopback interface. Starlette's TrustedHostMiddleware refuses
host names that rebind to it; this module refuses requests from foreign pages and lets the page run only its own
scripts.
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
    """Refuses requests from pages of another origin, and sets HEADERS on every response.

    Requests without an Origin header do not come from a page in a browser, except for reads, whose responses browsers
    hide from foreign pages.
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

        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin not in (None, f"http://{headers.get('host')}"):
            refusal = f"A page of '{origin}' may not use the review page; open the URL that `fashion review` prints."
            await JSONResponse({"error": refusal}, status_code=403)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)
