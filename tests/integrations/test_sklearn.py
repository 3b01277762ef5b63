"""scikit-learn: its own checks, as far as they work on texts, and pipelines."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import cleaner

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

#: The checks of sklearn.utils.estimator_checks that feed no numbers. `check_estimator` itself runs
#: the first alone on what takes texts.
CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_mixin_order",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_of_scikit_learn(check: str) -> None:
    from sklearn.utils import estimator_checks

    from cleaner.integrations.sklearn import BoilerplateCleaner

    getattr(estimator_checks, check)("BoilerplateCleaner", BoilerplateCleaner())


@pytest.mark.filterwarnings("ignore:Can't test estimator BoilerplateCleaner")
def test_the_checks_of_scikit_learn_that_apply_to_texts() -> None:
    from sklearn.utils.estimator_checks import check_estimator

    from cleaner.integrations.sklearn import BoilerplateCleaner

    assert {done["status"] for done in check_estimator(BoilerplateCleaner())} == {"passed"}


def test_a_search_over_its_parameters_in_a_pipeline(pages: list[dict[str, str]]) -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.model_selection import GridSearchCV
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    from cleaner.integrations.sklearn import BoilerplateCleaner

    texts, labels = [page["text"] for page in pages[:2]] * 3, [0, 1] * 3
    steps = make_pipeline(BoilerplateCleaner(), CountVectorizer(), MultinomialNB())
    grid = {"boilerplatecleaner__mode": ["gentle", "thorough"]}
    search = GridSearchCV(steps, grid, cv=2).fit(texts, labels)
    assert list(search.predict(texts)) == labels


def test_parameters_set_later_count_and_it_pickles(pages: list[dict[str, str]]) -> None:
    from cleaner.integrations.sklearn import BoilerplateCleaner

    texts = [page["text"] for page in pages]
    estimator = BoilerplateCleaner().fit(texts).set_params(mode="thorough", keep=("toc",))
    wanted = [cleaner.Cleaner(mode="thorough", keep=("toc",)).clean(text) for text in texts]
    assert list(pickle.loads(pickle.dumps(estimator)).transform(texts)) == wanted


def test_one_column_of_a_frame(pages: list[dict[str, str]]) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline

    from cleaner.integrations.sklearn import BoilerplateCleaner

    words = make_pipeline(BoilerplateCleaner(), CountVectorizer())
    columns = ColumnTransformer([("words", words, "text")])
    assert columns.fit_transform(pd.DataFrame(pages)).shape[0] == len(pages)


@pytest.mark.parametrize("wrong", ["one text", [["a", "b"]], [1]])
def test_what_is_no_row_of_texts_is_refused(wrong: Any) -> None:
    import numpy as np

    from cleaner.integrations.sklearn import BoilerplateCleaner

    for texts in (wrong, np.array(wrong)):
        with pytest.raises(TypeError):
            BoilerplateCleaner().transform(texts)


def test_parameters_that_do_not_exist_are_named_when_fitted() -> None:
    from cleaner.integrations.sklearn import BoilerplateCleaner

    with pytest.raises(cleaner.OptionError, match="no mode 'brutal'"):
        BoilerplateCleaner(mode="brutal").fit([])


def test_the_example_runs(example: Any) -> None:
    example("sklearn.md")
