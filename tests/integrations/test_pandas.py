"""pandas: everything of a Series but its texts stays."""

from __future__ import annotations

from typing import Any

import pytest

import cleaner

pd = pytest.importorskip("pandas", reason="pandas is not installed")


@pytest.mark.parametrize("dtype", ["str", "string", "object"])
def test_index_name_dtype_and_what_is_missing_stay(dtype: str, pages: list[dict[str, str]]) -> None:
    from cleaner.integrations.pandas import clean

    texts = pd.Series([pages[0]["text"], None, "One line."], ["a", "b", "a"], dtype, "body")
    before = texts.copy()
    wanted = pd.Series(texts.copy())
    wanted.iloc[0] = cleaner.clean(pages[0]["text"])
    pd.testing.assert_series_equal(clean(texts), wanted)
    pd.testing.assert_series_equal(texts, before)


def test_the_options_are_heeded(pages: list[dict[str, str]]) -> None:
    from cleaner.integrations.pandas import clean

    texts = pd.Series([page["text"] for page in pages])
    wanted = cleaner.Cleaner(mode="thorough", keep=("toc",))
    assert list(clean(texts, mode="thorough", keep=("toc",))) == [wanted.clean(t) for t in texts]
    with pytest.raises(cleaner.OptionError, match="no mode 'brutal'"):
        clean(texts, mode="brutal")


def test_nothing_and_what_is_no_text() -> None:
    from cleaner.integrations.pandas import clean

    assert clean(pd.Series([], dtype="str")).empty
    with pytest.raises(TypeError, match="must be str, not int"):
        clean(pd.Series(["One line.", 2]))


def test_the_example_runs(example: Any) -> None:
    example("pandas.md")
