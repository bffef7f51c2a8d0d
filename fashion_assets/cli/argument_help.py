"""The help of arguments, which click 8.5 discards: its `Argument` overwrites what typer 0.24 has set before."""

import inspect
from collections.abc import Iterator

from click import Argument, Command, Group
from typer.models import ArgumentInfo
from typer.utils import get_params_from_function


def with_argument_help(command: Command) -> Command:
    """`command`, after the arguments of it and of all commands below it were given their declared help."""
    for below in _all_commands(command):
        if below.callback is None:
            continue
        declared = get_params_from_function(inspect.unwrap(below.callback))
        for parameter in below.params:
            info = declared[parameter.name].default if parameter.name in declared else None
            if isinstance(parameter, Argument) and isinstance(info, ArgumentInfo):
                parameter.help = info.help
    return command


def _all_commands(command: Command) -> Iterator[Command]:
    yield command
    if isinstance(command, Group):
        for below in command.commands.values():
            yield from _all_commands(below)
