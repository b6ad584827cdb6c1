"""Routes for pictures of a view, drawn without a browser."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request, Response
from pydantic import Field

from api.answers import send
from layers.tables import in_a_file_name
from layers.view import View
from regions.edition import KEEPER
from snapshots.picture import picture


class PictureQuery(View):
    """A view, and the size of its picture."""

    size: Literal["a4", "slide"] = Field(default="a4", description="A4 portrait, or a slide of 16:9")
    dpi: int = Field(default=150, ge=50, le=300, description="Dots per inch")


def add_routes(api: FastAPI) -> None:
    """Add the pictures."""

    @api.get("/picture.png", tags=["view"], summary="A picture of a view for print; same view, same bytes")
    def get_picture(request: Request, query: Annotated[PictureQuery, Query()]) -> Response:
        view = View.model_validate(query.model_dump(include=set(View.model_fields)))
        answer = send(request, picture(KEEPER.edition(), view, query.size, query.dpi), "image/png")
        answer.headers["Content-Disposition"] = f'inline; filename="{file_name(view)}"'
        return answer


def file_name(view: View) -> str:
    """Return a name that says what is inside: sectors or technologies, measure, level."""
    parts = ["innovation-clusters", *view.sector, *view.technology, view.measure, view.level]
    return "-".join(map(in_a_file_name, parts[:8])) + ".png"
