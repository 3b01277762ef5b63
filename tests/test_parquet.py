"""Parquet: rows through the command, in blocks and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def parquet_file(path: Path, texts: Any, rows: int = 30) -> Any:
    """A file with all that is to stay: types, metadata, row groups, codecs, a null."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    schema = pa.schema(
        [
            pa.field("id", pa.int32(), nullable=False, metadata={"a": "b"}),
            pa.field("text", pa.large_string()),
            pa.field("tags", pa.list_(pa.string())),
        ],
        metadata={"made": "by hand"},
    )
    pages = [None if at == 3 else texts.page for at in range(rows)]
    columns = [pa.array(range(rows), pa.int32()), pages, [["x"], None, []] * (rows // 3)]
    table = pa.table(columns, schema=schema)
    pq.write_table(table, path, row_group_size=10, compression={"id": "gzip", "text": "zstd"})
    return table


def test_parquet_keeps_all_but_the_text(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "a.parquet", tmp_path / "out"
    table = parquet_file(source, texts)
    pq = pytest.importorskip("pyarrow.parquet")
    # By blocks of a few rows: they must not become row groups.
    for size, workers in ((4000, 1), (4 << 20, 1), (4000, 2)):
        words = ["--block-size", size, "--workers", workers, "--force"]
        result = invoke("clean", source, "-o", f"{out}/", *words)
        assert (result.exit_code, result.output) == (0, "")
        file = pq.ParquetFile(out / "a.parquet")
        assert file.schema_arrow.equals(pq.read_schema(source), check_metadata=True)
        assert [file.metadata.row_group(at).num_rows for at in range(3)] == [10, 10, 10]
        about = file.metadata.row_group(0)
        assert [about.column(at).compression for at in (0, 1)] == ["GZIP", "ZSTD"]
        found = file.read()
        assert found.drop_columns("text").equals(table.drop_columns("text"))
        expected = [None if at == 3 else texts.body for at in range(30)]
        assert found.column("text").to_pylist() == expected


def test_parquet_with_more_columns(invoke: Any, texts: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "a.parquet", tmp_path / "b.parquet"
    parquet_file(source, texts)
    pq = pytest.importorskip("pyarrow.parquet")
    assert invoke("clean", source, "-o", out, "--annotate", "--keep-original", "raw").exit_code == 0
    table = pq.read_table(out)
    assert table.column_names == ["id", "text", "tags", "raw", "cleaner"]
    assert table.column("raw").to_pylist()[:4] == [texts.page] * 3 + [None]
    about = table.column("cleaner").to_pylist()
    assert about[3] is None
    assert 0 < about[0]["kept"] < 1
    assert sum(count for _, count in about[0]["stripped"]) == len(texts.spam)


def test_parquet_of_dictionaries_and_of_nothing(invoke: Any, texts: Any, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    column = pa.array([texts.page, texts.page, "a"]).dictionary_encode()
    pq.write_table(pa.table({"text": column}), source / "a.parquet")
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), source / "b.parquet")
    assert invoke("clean", source, "-o", out).exit_code == 0
    found = pq.read_table(out / "a.parquet")
    assert found.schema.field("text").type == column.type
    assert found.column("text").to_pylist() == [texts.body, texts.body, "a"]
    assert pq.read_table(out / "b.parquet").num_rows == 0


def test_parquet_that_cannot_be_cleaned(invoke: Any, texts: Any, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    pq.write_table(pa.table({"body": ["a"]}), source / "a.parquet")
    pq.write_table(pa.table({"text": [1]}), source / "b.parquet")
    (source / "c.parquet").write_bytes(b"PAR1 no, not really PAR1")
    parquet_file(source / "d.parquet", texts)
    result = invoke("clean", source, "-o", out)
    assert result.exit_code == 1
    one, two, three = result.stderr.splitlines()
    assert "a.parquet: no column 'text' (columns: body); --field names the text's" in one
    assert "b.parquet: column 'text' is of type int64, not text" in two
    assert "c.parquet: cannot be read as Parquet" in three
    assert (out / "d.parquet").exists()
    assert invoke("clean", "--format", "parquet", stdin=b"").exit_code == 2
