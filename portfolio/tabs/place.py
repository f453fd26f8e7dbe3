"""Where a column's value lives: a field of the row's model, or of a record the row points at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Field, Model


@dataclass(frozen=True)
class Stored:
    """One stored value: the model and the field that hold it."""

    model: type[Model]
    field: str


@dataclass
class Place:
    """``scoring.rice_reach`` seen from ``model``: relations first, the field last.

    The last relation may be a one-to-one record that doesn't exist yet; writing makes it.
    """

    model: type[Model]
    path: str

    @property
    def lookup(self) -> str:
        """The path as the ORM spells it."""
        return self.path.replace(".", "__")

    @cached_property
    def relations(self) -> list[str]:
        return self.path.split(".")[:-1]

    @cached_property
    def stored(self) -> Stored:
        """The model and field behind the path. Raises FieldDoesNotExist where it leads nowhere."""
        model = self.model
        for name in self.relations:
            related = model._meta.get_field(name).related_model
            if related is None:
                raise FieldDoesNotExist(f"{model.__name__}.{name} is not a relation")
            model = related
        name = self.path.split(".")[-1]
        model._meta.get_field(name)
        return Stored(model, name)

    @property
    def field(self) -> Field:
        return self.stored.model._meta.get_field(self.stored.field)  # type: ignore[return-value]

    def holder(self, row: Model) -> Any:
        """The record that holds the value, or None where it doesn't exist."""
        for name in self.relations:
            try:
                row = getattr(row, name)
            except ObjectDoesNotExist:
                return None
            if row is None:
                return None
        return row

    def holder_to_write(self, row: Model) -> Any:
        """The holder; a missing one-to-one record is made (unsaved) on the way."""
        found = self.holder(row)
        return self._made(row) if found is None else found

    def _made(self, row: Model) -> Any:
        (name,) = self.relations
        relation: Any = self.model._meta.get_field(name)
        made = relation.related_model(**{relation.field.name: row})
        setattr(row, name, made)
        return made

    def read(self, row: Model) -> Any:
        holder = self.holder(row)
        try:
            return None if holder is None else getattr(holder, self.stored.field)
        except ObjectDoesNotExist:  # a required foreign key of a row still being made
            return None
