"""Settings, read from the environment (prefix ``ICM_``) with defaults that work offline."""

from __future__ import annotations

from functools import cache
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation at run time
from typing import Annotated

from platformdirs import user_cache_path
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All that can be set from outside; one row a setting, its help beside it."""

    model_config = SettingsConfigDict(env_prefix="ICM_", frozen=True)

    cache_dir: Annotated[Path, AfterValidator(lambda path: path.expanduser())] = Field(
        default_factory=lambda: user_cache_path("innovation-clusters-map"),
        description="Folder for what is derived from the shipped tables; safe to delete.",
    )
    tiles_url: str = Field(
        default="",
        description="Address template of an online tile layer, such as https://host/{z}/{x}/{y}.png. "
        "Empty: no tiles, and no request leaves for another host.",
    )
    tiles_attribution: str = Field(default="", description="Attribution the tile provider asks for.")


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
