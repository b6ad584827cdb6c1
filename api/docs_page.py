"""The page of documentation: Swagger's, from this host alone."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from api.responses import HTML, send
from layers.base import API

if TYPE_CHECKING:
    from fastapi import Request, Response

SWAGGER = "/swagger"
SCRIPT = f"""SwaggerUIBundle({{
  url: "{API}/openapi.json",
  dom_id: "#manual",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
}});
"""
STYLE = """
body { margin: 0; background: #fff; color: #1d2a35; font-family: sans-serif }
header { padding: 20px max(20px, calc((100vw - 1420px) / 2)); border-bottom: 1px solid #d5dbe0 }
header a { color: #12436d; font-size: 15px }
.swagger-ui .wrapper { padding: 0 20px }
.swagger-ui .information-container { padding-top: 0 }
.swagger-ui .info { margin: 24px 0 }
.swagger-ui .info .title small, .swagger-ui .info .title small.version-stamp { background: #5a6b78 }
.swagger-ui .scheme-container { display: none }
.swagger-ui .opblock-tag { font-size: 20px; text-transform: capitalize }
.swagger-ui .opblock-tag small { padding: 0 10px; text-transform: none }
.swagger-ui .opblock.opblock-get { background: #fff; border-color: #d5dbe0; box-shadow: none }
.swagger-ui .opblock.opblock-get .opblock-summary { border-color: #d5dbe0 }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #12436d }
.swagger-ui .opblock.opblock-get .tab-header .tab-item.active h4 span::after { background: #12436d }
.swagger-ui .opblock .opblock-summary-path { max-width: 100%; overflow-wrap: anywhere }
.swagger-ui .opblock .opblock-summary-description { color: #46545f }
.swagger-ui .opblock-description-wrapper a code { color: #12436d }
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 8px }
  .swagger-ui .info .title { font-size: 24px }
  .swagger-ui .opblock-tag { flex-wrap: wrap; position: relative; padding-right: 48px }
  .swagger-ui .opblock-tag small { flex: 1 0 100%; padding: 2px 0 0; white-space: normal }
  .swagger-ui .opblock-tag button { position: absolute; right: 8px; top: 12px }
  .swagger-ui .opblock .opblock-summary-method { min-width: 52px; padding: 6px 8px }
  .swagger-ui .opblock .opblock-summary-control { flex-wrap: wrap }
  .swagger-ui .opblock .opblock-summary-path-description-wrapper { gap: 2px 8px }
  .swagger-ui .opblock .opblock-summary-description { flex: 1 0 100%; padding: 0 4px; text-align: left }
  .swagger-ui .table-container, .swagger-ui .responses-inner { overflow-x: auto }
}
"""
TITLE = "Innovation Clusters Map: the API"
PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(TITLE)}</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="{SWAGGER}/swagger-ui.css">
<style>{STYLE}</style>
</head>
<body>
<header><a href="/">Innovation Clusters Map</a></header>
<main id="manual"><noscript>The description for programs:
<a href="{API}/openapi.json">{API}/openapi.json</a></noscript></main>
<script src="{SWAGGER}/swagger-ui-bundle.js"></script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def manual(request: Request) -> Response:
    """Return the page; it may run its own two scripts, ask this host, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' 'sha256-{digest}'",
        # Swagger's page sets styles as it draws.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    answer = send(request, PAGE.encode(), HTML)
    answer.headers.update({"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"})
    return answer
