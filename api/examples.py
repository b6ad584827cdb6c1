"""Examples: values of parameters that are real, and a question for each path that has an answer."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from layers import registry
from layers.base import API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.base import Served

CLUSTER = "life-sciences--cambridge"
"""A cluster of the firms that ship, for examples: one of the largest, and back in every resample."""

PARAMETERS: Mapping[str, Any] = MappingProxyType(
    {
        "sector": ["life-sciences"],
        "technology": ["drug-discovery"],
        "programme": ["IA"],
        "type": ["Specialised"],
        "kinds": ["at least"],
        "name": "clusters",
        "level": "itl2",
        "ref": "E08000003",
        "q": "glasgow",
        "bbox": "-1.4,51.5,-1.1,51.7",
        "lat": 51.6,
        "lon": -1.3,
        "place": ["E08000003", "glasgow-city-region"],
        "cluster": CLUSTER,
        "measure": "per-head",
        "axes": ["residents", "density"],
        "at": "52.2,0.12,10",
        "here": "52.2,0.12,10",
        "programme_id": "IA",
        "project_id": "ia-gla-mim",
        "firm_id": "encirc",
        "asset_id": "uni-aston-university",
        "cluster_id": CLUSTER,
    }
)
COMPARED = (
    "/compare",
    "/compare.{form}",
    "/compare/figure.{form}",
    "/compare/{part}",
    "/compare/{part}.{form}",
)
# Paths of which a parameter of that name means something else.
OTHERWISE: Mapping[tuple[str, str], Any] = MappingProxyType(
    {(path, "level"): "" for path in COMPARED}
    | {(path, "level"): "la" for path in ("/places/similar", "/places/similar.{form}")}
    | {("/places.{form}", "level"): "nation"}
)
# A question for each path, what stands in it and what follows; of layers, their records have them.
QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "/at": "/at?lat=51.6&lon=-1.3",
        "/at/{part}": "/at/clusters?lat=51.6&lon=-1.3",
        "/at/{part}.{form}": "/at/regions.geojson?lat=51.6&lon=-1.3",
        "/sentence": "/sentence?sector=life-sciences",
        "/view": "/view?sector=life-sciences&level=itl2",
        "/search": "/search?q=glasgow&limit=3",
        "/health": "/health",
        "/edition": "/edition",
        "/tables/{name}": "/tables/projects?sector=life-sciences&limit=5",
        "/tables/{name}.{form}": "/tables/regions.csv?level=itl2",
        "/compare": "/compare?place=E08000003&place=glasgow-city-region",
        "/compare.{form}": "/compare.csv?place=Leeds&place=Cardiff",
        "/compare/figure.{form}": "/compare/figure.svg?place=Leeds&place=Cardiff&chart=timeline",
        "/compare/{part}": "/compare/programme?place=Leeds&place=Cardiff",
        "/compare/{part}.{form}": "/compare/clusters.geojson?place=Leeds&place=Cambridge",
        "/places/ranks": "/places/ranks?place=Manchester&measure=per-head",
        "/places/ranks.{form}": "/places/ranks.geojson?place=Manchester&measure=per-head",
        "/places/similar": "/places/similar?place=Cardiff&most=5",
        "/places/similar.{form}": "/places/similar.csv?place=Cardiff&most=5",
        "/places/shape": "/places/shape?place=glasgow-city-region",
        "/places.{form}": "/places.geojson?level=nation",
        "/places": "/places?level=city_region&limit=5",
        "/places/{ref}": "/places/E08000003",
        "/programmes": "/programmes?q=glasgow",
        "/programmes.{form}": "/programmes.csv?q=glasgow",
        "/projects": "/projects?programme=IA&limit=5",
        "/projects.{form}": "/projects.geojson?programme=IA",
        "/years": "/years?by=year",
        "/programmes/{programme_id}": "/programmes/IA",
        "/programmes/{programme_id}/{part}": "/programmes/IA/gaps",
        "/programmes/{programme_id}/{part}.{form}": "/programmes/IA/places.csv",
        "/style": "/style?theme=dark",
        "/shapes/areas": "/shapes/areas",
        "/shapes/{level}": "/shapes/nation?detail=coarse",
        "/clusters/{cluster_id}": f"/clusters/{CLUSTER}",
        "/clusters/{cluster_id}/{part}": f"/clusters/{CLUSTER}/members",
        "/clusters/{cluster_id}/{part}.{form}": f"/clusters/{CLUSTER}/members.geojson",
        "/projects/{project_id}": "/projects/ia-gla-mim",
        "/firms/{firm_id}": "/firms/encirc",
        "/assets/{asset_id}": "/assets/uni-aston-university",
        "/picture.{form}": "/picture.png?sector=life-sciences&size=a4-landscape&dpi=100",
        "/map.html": "/map.html?sector=life-sciences&download=true",
        "/bundle.zip": "/bundle.zip?sector=life-sciences&dpi=100&download=true",
        "/brief.pdf": f"/brief.pdf?cluster={CLUSTER}",
    }
)


def question(path: str) -> str:
    """Return a question that a path answers; of a plain list, the list itself."""
    served = served_at(path)
    if served is not None:
        return f"{path}?{served.example}" if served.example else path
    return QUESTIONS.get(path) or path.replace("{form}", "csv")


def served_at(path: str) -> Served | None:
    """Return how a layer is answered at a path; None where that shows no layer."""
    return next((one.served for one in registry.LAYERS.values() if path == f"/{one.served.path}"), None)


def example_of(path: str) -> str:
    """Return the same in Markdown."""
    return f"Example: [`{API}{question(path)}`]({API}{question(path)})"


def value_of(path: str, row: Mapping[str, Any]) -> Any:
    """Return a real value of a parameter of a path; None where its default says enough.

    Parameters
    ----------
    row
        The parameter as OpenAPI describes it.
    """
    name = row["name"]
    value = OTHERWISE.get((path, name), PARAMETERS.get(name))
    several = row["schema"].get("type") == "array"
    return value[0] if isinstance(value, list) and not several else value
