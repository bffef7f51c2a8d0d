"""Resources that always travel together, as one: a frozen dataclass whose fields are named as the resources are.

A bundle requires its parts by name instead of nesting them (`ResourceDependency`), so that a part which is replaced in
a run's config, or by a test, is the part that the asset gets.
"""

from dataclasses import fields

from dagster import InitResourceContext, ResourceDefinition


def bundle(parts: type) -> ResourceDefinition:
    """The resource that gives `parts`, a dataclass, filled with the resources that its fields name."""
    names = {field.name for field in fields(parts)}

    def collect(context: InitResourceContext) -> object:
        return parts(**{name: getattr(context.resources, name) for name in names})

    return ResourceDefinition(collect, required_resource_keys=names, description=parts.__doc__)
