"""Lists of words that carry grammar: as the tokens are, and each long enough to be met."""

from automl.eda.languages import LANGUAGES, STOP_WORDS
from automl.inference.features import tokens


def test_every_word_can_be_met():
    assert all(len(words) > 40 for words in LANGUAGES.values()) and frozenset().union(*LANGUAGES.values()) == STOP_WORDS
    assert all(word == word.lower() for word in STOP_WORDS)
    assert sum(tokens(word, (1, 1)) == [word] for word in STOP_WORDS) > 0.98 * len(STOP_WORDS)
