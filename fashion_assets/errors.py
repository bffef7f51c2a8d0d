"""Every error that this project raises on purpose.

    FashionError
    ├── SettingsError          a setting has a value that cannot work
    ├── SourceError            the product table cannot be read at all (single bad rows are quarantined instead)
    ├── PromptError            a prompt file is missing, malformed or asks for an unknown field
    ├── ModelError             a model cannot be loaded, or cannot do what is asked of it
    ├── StorageError           a table is missing, or a write kept conflicting with other writers
    ├── BatchRefused           a quality gate has not passed for the rows as they are now
    │   └── BatchUnjudged      no gate has judged these rows yet
    ├── PilotRefused           more than one batch was to be asked about without a pilot that said PROCEED
    ├── ReviewRefused          the review page cannot take an answer
    │   └── UnknownProduct     nothing is known about the product, or it has no such photo
    ├── SearchError            a query or a filter cannot be answered
    │   └── IndexMissing       nothing has been indexed yet
    └── WorkspaceError         the Databricks workspace refuses, fails, or does not get done

Each message is one sentence or two that say the value, the rule it broke and the remedy. What goes wrong with one
product or one photo is not an error but data: a quarantined row, or a code in `extraction_errors`.
"""


class FashionError(Exception):
    """Base of all deliberate errors; the command line prints its message without a traceback."""


class SettingsError(FashionError):
    """A setting has a value that cannot work."""


class SourceError(FashionError):
    """The product table as a whole cannot be read."""


class PromptError(FashionError):
    """A prompt file is missing, malformed, or names a field that the taxonomy does not have."""


class ModelError(FashionError):
    """A model cannot be loaded, or does not have what the pipeline needs of it."""


class StorageError(FashionError):
    """A table is missing, or a write kept conflicting with other writers."""


class BatchRefused(FashionError):
    """A batch may not go further: no quality verdict has passed for its rows as they are now."""


class BatchUnjudged(BatchRefused):
    """A batch may not go further, because its rows as they are now have no verdict yet."""


class PilotRefused(FashionError):
    """More than one batch was to be asked about, and no pilot of these prompts and this model said PROCEED."""

    missing_check = ("pilot_verdict", "pilot_says_proceed")
    """The asset and its check that have to pass first."""


class ReviewRefused(FashionError):
    """An answer of a reviewer cannot be taken; nothing of it was recorded."""


class UnknownProduct(ReviewRefused):
    """The product, or its photo, is not there to be reviewed."""


class SearchError(FashionError):
    """A query or a filter cannot be answered."""


class IndexMissing(SearchError):
    """There is no promoted index version to search."""


class WorkspaceError(FashionError):
    """The Databricks workspace cannot be reached, refuses or fails what was asked, or does not get done in time."""
