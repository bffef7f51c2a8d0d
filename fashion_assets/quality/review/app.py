"""The review page over HTTP: one page, its scripts, photos by product id, and JSON in and out of the session.

Bad input gets a 4xx and `{"error": sentence}`. Start it with `fashion review`, which serves it on the loopback
interface only: there are no accounts, and everything is saved in the name of the reviewer.
"""

import io
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from fashion_assets.errors import BodyNotJson, BodyTooLarge, FashionError, RequestError, UnknownProduct
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.quality.review import LOOPBACK_NAMES
from fashion_assets.quality.review.guards import SameOriginOnly
from fashion_assets.quality.review.session import ReviewSession

PHOTO_PIXELS = 800
"""The longer side of a photo as it is shown."""

LARGEST_BODY = 64 * 1024
"""Bytes; an answer with every attribute has about one thousand."""

MOST_DRAWS = 10_000

_PAGE = Path(__file__).parent / "page"


Model = TypeVar("Model", bound=BaseModel)


class Review(BaseModel):
    """Corrections by field (null withdraws one), and whether the product counts as reviewed."""

    model_config = ConfigDict(extra="forbid", strict=True)
    corrections: dict[str, str | None] = Field(default_factory=dict)
    is_reviewed: bool = True


class AuditAnswer(BaseModel):
    """Labels by field; null, or no entry, if the photo does not show the attribute."""

    model_config = ConfigDict(extra="forbid", strict=True)
    labels: dict[str, str | None]


def build_app(session: ReviewSession) -> Starlette:
    """The application that serves one reviewer."""
    templates = Jinja2Templates(directory=_PAGE)

    def page(request: Request) -> Response:
        return templates.TemplateResponse(request, "index.html", {"author": session.author, "batch": session.batch})

    def disagreements(request: Request) -> Response:
        return JSONResponse(session.disagreements())

    def audit(request: Request) -> Response:
        draws = request.query_params.get("draws", "1")
        if not draws.isdecimal() or not 1 <= int(draws) <= MOST_DRAWS:
            raise RequestError(
                value=f"draws is '{draws}'",
                rule=f"it must be a number from 1 to {MOST_DRAWS}",
                remedy="send such a number",
            )
        return JSONResponse(session.audit(int(draws)))

    def product(request: Request) -> Response:
        return JSONResponse(session.product(_id(request)))

    def blind_product(request: Request) -> Response:
        return JSONResponse(session.blind_product(_id(request)))

    def photo(request: Request) -> Response:
        try:
            return _jpeg(session.photo(_id(request)))
        except PhotoProblem as problem:
            raise UnknownProduct(
                value=f"The photo of product {_id(request)} cannot be shown ({problem.reason})",
                rule=problem.rule,
                remedy=problem.remedy,
            ) from problem

    async def review(request: Request) -> Response:
        answer = await _read(request, Review)
        saved = await run_in_threadpool(session.review, _id(request), answer.corrections, answer.is_reviewed)
        return JSONResponse(saved)

    async def answer_audit(request: Request) -> Response:
        answer = await _read(request, AuditAnswer)
        return JSONResponse(await run_in_threadpool(session.answer_audit, _id(request), answer.labels))

    # Starlette's types do not let a handler name the error that it handles.
    handlers: dict[Any, Any] = {FashionError: _fashion_error, HTTPException: _http_error}
    return Starlette(
        routes=[
            Route("/", page),
            Route("/api/disagreements", disagreements),
            Route("/api/audit", audit),
            Route("/api/products/{id}", product),
            Route("/api/products/{id}/review", review, methods=["POST"]),
            Route("/api/audit/{id}", blind_product, methods=["GET"]),
            Route("/api/audit/{id}", answer_audit, methods=["POST"]),
            Route("/photos/{id}", photo),
            Mount("/static", StaticFiles(directory=_PAGE / "static")),
        ],
        middleware=[
            Middleware(SameOriginOnly),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK_NAMES), www_redirect=False),
        ],
        exception_handlers=handlers,
    )


def _id(request: Request) -> str:
    return request.path_params["id"]


async def _read(request: Request, model: type[Model]) -> Model:
    """The body as `model`; raises RequestError with what is wrong with it."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise BodyNotJson(
            value="The body is not application/json",
            rule="answers are read as JSON",
            remedy="send JSON",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge(
                value=f"The body has more than {LARGEST_BODY:,} bytes",
                rule="no answer is that long",
                remedy="send one product's answers",
            )
    try:
        return model.model_validate_json(bytes(body))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "The body"
        fields = ", ".join(model.model_fields)
        raise RequestError(
            value=f"{where} cannot be used ({problem['msg']})",
            rule="it must have the form that the page sends",
            remedy=f"send {fields} as JSON",
        ) from error


def _jpeg(path: Path) -> Response:
    image = open_photo(path)
    image.thumbnail((PHOTO_PIXELS, PHOTO_PIXELS))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=88)
    # The URL of a photo contains its hash, so that a cached copy is never stale.
    return Response(content.getvalue(), media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def _fashion_error(request: Request, error: FashionError) -> Response:
    return JSONResponse({"error": str(error)}, status_code=error.status)


def _http_error(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)
