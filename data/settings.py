"""Settings, read from the environment (prefix ``ICM_``) with defaults that work offline."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import Annotated
from urllib.parse import urlsplit

from platformdirs import user_cache_path
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.errors import InputError

# Letters that an address keeps in whatever file it is written into.
ADDRESS = re.compile(r"[A-Za-z0-9._~:/\[\]%-]+")
LONGEST_ADDRESS = 200


def _public(address: str) -> str:
    """Return an address of the web without the stroke at its end; refuse what links cannot begin with."""
    if not address:
        return ""
    wanted = (
        "http:// or https://, a host and perhaps a path, such as https://map.example.org; "
        "no user, password, query or fragment"
    )
    if not _is_public(address):
        # A password must not be told again, and stands before the last @.
        raise ValueError(
            f"{address.rpartition('@')[2][:LONGEST_ADDRESS]!r} cannot be used: it has to be {wanted}"
        )
    return address.rstrip("/")


def _is_public(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = ADDRESS.fullmatch(address) is not None and len(address) <= LONGEST_ADDRESS
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and port_is_one


class Settings(BaseSettings):
    """All that can be set from outside; one row a setting, its help beside it."""

    model_config = SettingsConfigDict(env_prefix="ICM_", frozen=True)

    cache_dir: Annotated[Path, AfterValidator(lambda path: path.expanduser())] = Field(
        default_factory=lambda: user_cache_path("innovation-clusters-map"),
        description="Folder for what is derived from the shipped tables; safe to delete.",
    )
    print_ahead: bool = Field(
        default=True,
        description="Whether the server draws a picture for nobody soon after its start, so that the first "
        "that is asked for takes no longer than others.",
    )
    tiles_url: str = Field(
        default="",
        description="Address template of an online tile layer, such as https://host/{z}/{x}/{y}.png. "
        "Empty: no tiles, and no request leaves for another host.",
    )
    tiles_attribution: str = Field(default="", description="Attribution the tile provider asks for.")
    public_url: Annotated[str, AfterValidator(_public)] = Field(
        default="",
        description="Address under which this map is reached, such as https://map.example.org; written into "
        "links of pictures and files. Empty: links there begin with the question mark.",
    )
    limit_address_kb: int = Field(
        default=32,
        ge=4,
        le=1024,
        description="API: longest address that is answered, in kilobytes (else 413).",
    )
    limit_rows: int = Field(
        default=200_000,
        ge=1,
        description="API: most rows of a table as one XLSX or GeoJSON document (else 413); JSON comes in "
        "pages, CSV has no limit.",
    )
    limit_megapixels: float = Field(
        default=40.0, gt=0, allow_inf_nan=False, description="API: largest picture, in megapixels (else 413)."
    )
    limit_files_per_minute: int = Field(
        default=60,
        ge=0,
        description="API: pictures, workbooks, bundles and the like that one client may ask for in a minute "
        "(else 429); 0 for no limit.",
    )
    limit_files_at_once: int = Field(
        default=2, ge=1, le=32, description="API: files made at the same time; others wait."
    )
    limit_files_waiting: int = Field(
        default=8, ge=0, le=32, description="API: requests for files that may wait (else 503)."
    )
    limit_wait_seconds: float = Field(
        default=30.0,
        ge=0,
        le=600,
        allow_inf_nan=False,
        description="API: longest that a request for a file waits (else 503).",
    )
    drain_seconds: float = Field(
        default=20.0,
        ge=0,
        le=600,
        allow_inf_nan=False,
        description="Longest that a server which is told to end (SIGTERM, Ctrl-C) waits for what is open.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="API: reverse proxies in front of this server whose X-Forwarded-For is believed when "
        "clients are told apart. 0: the header is not read, for anyone can write it.",
    )


@cache
def settings() -> Settings:
    """Return the settings of this process.

    Raises
    ------
    InputError
        If one cannot be used; the message lists every fault.
    """
    try:
        return Settings()
    except ValidationError as found:
        prefix = str(Settings.model_config["env_prefix"])
        faults = [
            f"{prefix}{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in found.errors()
        ]
        raise InputError("; ".join(faults)) from None
