"""What the desk promises to answer, as OpenAPI. It must never promise less than it answers.

Every refusal is application/problem+json (RFC 9457), so it is said once for every route instead of route by route.
"""

from typing import Any, Final

from fastapi import FastAPI

_PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "description": "Why something was refused and what to do (RFC 9457).",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "advice": {"type": "string"},
    },
}
_REFUSAL: Final[dict[str, Any]] = {
    "description": "Refused; the body says why and what to do.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_AWAY: Final = {**_REFUSAL, "description": "The record is away; nothing was changed."}
_UNUSED: Final = ("HTTPValidationError", "ValidationError")


def promised(app: FastAPI) -> None:
    """Give the application's schema its refusals."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = plain()
            told["components"]["schemas"]["Problem"] = _PROBLEM
            for name in _UNUSED:
                told["components"]["schemas"].pop(name, None)
            for path in told["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
                    operation["responses"] |= {"4XX": _REFUSAL, "503": _AWAY}
            app.openapi_schema = told
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
