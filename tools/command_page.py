"""The page on the commands, docs/cli.md: commands and options, read from the code."""

from __future__ import annotations

from inspect import Parameter, getdoc, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from typer.models import ArgumentInfo

from data.documentation import generated, markdown_table
from data.product import RUN
from data.store import ROOT

if TYPE_CHECKING:
    import typer
    from typer.models import CommandInfo


def command_page(cli: typer.Typer) -> str:
    """Return docs/cli.md: every command with its options, read from the commands themselves."""
    parts = [
        "# The command line",
        f"`{RUN} --help` says the same in the terminal.",
        *map(_command, cli.registered_commands),
    ]
    return generated("\n\n".join(parts))


def _command(command: CommandInfo) -> str:
    """Return one command: what it does, and its options."""
    work = command.callback
    if work is None:
        return ""
    name = command.name or work.__name__.replace("_", "-")
    hints = get_type_hints(work, include_extras=True)
    rows = [_option(row, hints[row.name]) for row in signature(work).parameters.values()]
    table = markdown_table(("option", "default", "meaning"), rows) if rows else "No options."
    return f"## `{RUN} {name}`\n\n{getdoc(work)}\n\n{table}"


def _option(parameter: Parameter, hint: Any) -> tuple[str, str, str]:
    """Return name, default and help of an option; paths within the project are written from its root."""
    told = get_args(hint)[1]
    plain = parameter.name.replace("_", "-")
    usual = plain.upper() if isinstance(told, ArgumentInfo) else f"--{plain}"
    # Typer takes the first name that an option is given for its default.
    given = [name for name in (told.default, *(told.param_decls or ())) if str(name).startswith("--")]
    names = ", ".join(f"`{name}`" for name in given or (usual,))
    default = parameter.default
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT).as_posix()
    words = {Parameter.empty: "has to be given", None: "none", (): "none"}
    return names, words.get(default, f"`{default}`"), told.help or ""
