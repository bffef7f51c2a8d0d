"""Resources that always go together, as one: a frozen dataclass with a field for each, named as the resource is.

A bundle requires its parts by name instead of nesting them (`ResourceDependency`), so that an asset gets the part that
a run's config or a test has replaced.
"""

from dataclasses import fields

from dagster import InitResourceContext, ResourceDefinition


def bundle(parts: type) -> ResourceDefinition:
    """The resource that provides `parts`, a dataclass, filled with the resources that its fields name."""
    names = {field.name for field in fields(parts)}

    def collect(context: InitResourceContext) -> object:
        return parts(**{name: getattr(context.resources, name) for name in names})

    return ResourceDefinition(collect, required_resource_keys=names, description=parts.__doc__)
