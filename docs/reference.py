"""The reference of commands, jobs, tables and errors, as Markdown."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from functools import cache

import polars as pl
from click import Argument, Command, Context, Group, Option, Parameter
from dagster import DefaultScheduleStatus, DefaultSensorStatus, Definitions, ScheduleDefinition
from typer.main import get_command

import fashion_assets
from fashion_assets.cli.app import app
from fashion_assets.cli.argument_help import with_argument_help
from fashion_assets.cli.exit_codes import ExitCode
from fashion_assets.definitions import build_definitions
from fashion_assets.errors import FashionError
from fashion_assets.settings import load_settings
from fashion_assets.storage.table import UTC_TIME, Column, Table

_OURS = f"{fashion_assets.__name__}."


def commands_table() -> str:
    """What each command does, in a sentence."""
    rows = [(f"[`{path}`](#{path.replace(' ', '-')})", _paragraphs(command)[0]) for path, command in _commands()]
    return markdown_table(("command", "what it does"), rows)


def command_sections() -> str:
    """All of each command's help, with its arguments and options."""
    return "\n".join(_command_section(path, command) for path, command in _commands())


def jobs_table() -> str:
    """Every job, and what may start it."""
    started_by: dict[str, list[str]] = {}
    for schedule in _schedules():
        started_by.setdefault(schedule.job_name, []).append(f"schedule `{schedule.name}`")
    for sensor in definitions().sensors or []:
        for job in sensor.targets:
            started_by.setdefault(job.job_name, []).append(f"sensor `{sensor.name}`")
    rows = [
        (f"`{job.name}`", job.description or "", ", ".join(["you", *sorted(started_by.get(job.name, []))]))
        for job in definitions().jobs or []
    ]
    return markdown_table(("job", "what it does", "started by"), rows)


def automation_table() -> str:
    """Every sensor and schedule, and whether it is on in a new home."""
    sensors = [
        (
            f"`{sensor.name}`",
            f"every {sensor.minimum_interval_seconds} s",
            "on" if sensor.default_status is DefaultSensorStatus.RUNNING else "off",
            first_paragraph(sensor.__doc__),
        )
        for sensor in definitions().sensors or []
    ]
    schedules = [
        (
            f"`{schedule.name}`",
            f"`{schedule.cron_schedule}` (UTC)",
            "on" if schedule.default_status is DefaultScheduleStatus.RUNNING else "off",
            schedule.description or "",
        )
        for schedule in _schedules()
    ]
    return markdown_table(("sensor or schedule", "runs", "at first", "what it does"), [*sensors, *schedules])


def errors_table() -> str:
    """The tree of errors, those below another one indented."""
    rows = [
        (f"{'&nbsp;' * 4 * depth}`{error.__name__}`", error.status, first_paragraph(error.__doc__))
        for depth, error in error_tree()
    ]
    return markdown_table(("error", "HTTP status", "when"), rows)


def exit_codes_table() -> str:
    """Every exit code, and what it means."""
    return markdown_table(("exit code", "meaning"), [(f"`{code.value}`", code.meaning) for code in ExitCode])


def error_tree(error: type[FashionError] = FashionError, depth: int = 0) -> Iterator[tuple[int, type[FashionError]]]:
    """The error and all below it that the package declares, depth first, each with its depth."""
    _import_declarations()
    yield depth, error
    for child in sorted(error.__subclasses__(), key=lambda child: child.__name__):
        if child.__module__.startswith(_OURS):
            yield from error_tree(child, depth + 1)


def tables_index() -> str:
    """Every table of a home."""
    rows = [
        (f"[`{table.name}`](#{table.name})", ", ".join(f"`{name}`" for name in table.partition_by), len(table.columns))
        for table in _tables()
    ]
    return markdown_table(("table", "partitioned by", "columns"), rows)


def table_sections() -> str:
    """The columns of every table."""
    return "\n".join(_table_section(table) for table in _tables())


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, each row on a line that ends with a line break."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(_cell(value) for value in line)} |\n" for line in lines)


def first_paragraph(text: str | None) -> str:
    """The first paragraph of a docstring on one line; nothing where there is none."""
    return " ".join((text or "").split("\n\n")[0].split())


def _cell(value: object) -> str:
    return str(value).replace("\n", " ").replace("|", "\\|")


@cache
def definitions() -> Definitions:
    """Those of the default profile, whatever the environment says."""
    return build_definitions(load_settings(profile="demo"))


def _schedules() -> list[ScheduleDefinition]:
    return [schedule for schedule in definitions().schedules or [] if isinstance(schedule, ScheduleDefinition)]


def _commands() -> Iterator[tuple[str, Command]]:
    """Every command that does something by itself, by its full name."""
    yield from _commands_below(with_argument_help(get_command(app)), "fashion")


def _commands_below(command: Command, path: str) -> Iterator[tuple[str, Command]]:
    if not isinstance(command, Group) or command.invoke_without_command:
        yield path, command
    if isinstance(command, Group):
        for name, child in command.commands.items():
            yield from _commands_below(child, f"{path} {name}")


def _command_section(path: str, command: Command) -> str:
    parameters = [parameter for parameter in command.get_params(Context(command)) if "--help" not in parameter.opts]
    lines = [f"### {path}", "", *(f"{paragraph}\n" for paragraph in _paragraphs(command))]
    if parameters:
        rows = [(_invocation(parameter, command), _default(parameter), _help(parameter)) for parameter in parameters]
        lines.append(markdown_table(("argument or option", "default", "meaning"), rows))
    return "\n".join(lines)


def _paragraphs(command: Command) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")]


def _invocation(parameter: Parameter, command: Command) -> str:
    if isinstance(parameter, Argument):
        return f"`{parameter.make_metavar(Context(command))}`"
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    return f"{names} (required)" if parameter.required else names


def _default(parameter: Parameter) -> str:
    is_shown = isinstance(parameter.default, str | int | float) and not isinstance(parameter.default, bool)
    return f"`{parameter.default}`" if is_shown else ""


def _help(parameter: Parameter) -> str:
    text = getattr(parameter, "help", None) or ""
    is_repeatable = isinstance(parameter, Option) and parameter.multiple and "repeat" not in text
    return f"{text} May be repeated." if is_repeatable else text


@cache
def _import_declarations() -> None:
    """Import the modules of tables and errors that neither the definitions nor the command line have imported."""
    for module in pkgutil.walk_packages(fashion_assets.__path__, _OURS):
        if module.name.rpartition(".")[2] in ("tables", "errors"):
            importlib.import_module(module.name)


def _tables() -> list[Table]:
    _import_declarations()
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith(_OURS)]
    declared = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Table)}
    return [declared[name] for name in sorted(declared)]


def _table_section(table: Table) -> str:
    columns = {column.name: column for column in table.columns}
    rows = [
        (f"`{name}`", f"`{_type(dtype)}`", _meaning(columns[name]) if name in columns else "Partition column.")
        for name, dtype in table.row_schema.items()
    ]
    key = ", ".join(f"`{name}`" for name in table.key)
    return f"### {table.name}\n\nKey: {key}.\n\n{markdown_table(('column', 'type', 'meaning'), rows)}"


def _type(dtype: pl.DataType) -> str:
    return "Datetime(UTC, microseconds)" if dtype == UTC_TIME else str(dtype)


def _meaning(column: Column) -> str:
    allowed = f" One of: {', '.join(column.allowed)}." if column.allowed else ""
    return f"{column.description}{allowed}"
