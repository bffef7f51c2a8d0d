"""Files of text that people write and pass around: the shop's, languages, prompts. They are read with bounds."""

import stat
import tomllib
from pathlib import Path
from typing import Any


class UnusableFile(Exception):
    """Control flow that never leaves this package: what is wrong with a file, in words that follow its name.

    Whoever reads the file makes an error with a remedy of it.
    """


def read_text_file(file: Path, most_bytes: int) -> str:
    """The text of a file in UTF-8; raises UnusableFile for anything else, and for one of more than `most_bytes`."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise UnusableFile("is not a file")
        with file.open("rb") as opened:
            content = opened.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise UnusableFile(f"has more than {most_bytes} bytes")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UnusableFile(f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UnusableFile(f"is not UTF-8 (at byte {error.start})") from error
    except ValueError as error:  # a name that no file can have
        raise UnusableFile(f"cannot be read ({error})") from error


def parse_toml(text: str) -> dict[str, Any]:
    """The values of a text in TOML; raises UnusableFile if it is not valid."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UnusableFile("is not valid TOML: it is nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and numbers of too many digits
        raise UnusableFile(f"is not valid TOML: {error}") from error
