"""Arrow batches: one column of texts becomes one of bodies, and the schema stays as it is."""

from __future__ import annotations

from typing import Any

from cleaner import Cleaner, OptionError
from cleaner.integrations.columns import cleaned, require_field


def cleaned_batch(cleaner: Cleaner, batch: Any, field: str) -> Any:
    """A `pyarrow.RecordBatch` or `Table` with the column `field` cleaned, null where it was null.

    Raises `OptionError` if there is no such column, or it is not one of strings.
    """
    require_field(field, batch.schema.names)
    place = batch.schema.get_field_index(field)
    told = batch.schema.field(place)
    column = batch.column(place)
    if str(told.type) not in ("string", "large_string", "string_view", "null"):
        raise OptionError(f"column {field!r} is of {told.type}, not of strings")
    bodies = cleaned(cleaner, column.to_pylist())
    return batch.set_column(place, told, [bodies] if hasattr(column, "chunks") else bodies)
