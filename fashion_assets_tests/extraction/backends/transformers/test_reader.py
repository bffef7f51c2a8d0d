"""Reading with a cache gives the logits of reading everything anew, also for rows of different lengths."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from fashion_assets.extraction.backends.transformers.reader import CachedReader, repeat_rows, select_rows


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4
    )
    return LlamaForCausalLM(config).eval()


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.inference_mode():
        yield


def uncached(model, tokens):
    return model(input_ids=torch.tensor([tokens])).logits[0, -1]


def same(logits, expected):
    return torch.allclose(logits, expected, atol=1e-5)


def test_rows_of_different_lengths_are_read_as_if_alone(model):
    reader = CachedReader(model, None, 3)
    texts = [[1, 2, 3, 4], [5, 6], [7]]
    logits = reader.read(texts)
    assert all(same(logits[row], uncached(model, text)) for row, text in enumerate(texts))
    more = [[8], [9, 10, 11], [12, 13]]
    logits = reader.read(more)
    texts = [text + new for text, new in zip(texts, more, strict=True)]
    assert all(same(logits[row], uncached(model, text)) for row, text in enumerate(texts))
    reader.keep([2, 0])
    logits = reader.read([[14], [15, 16]])
    assert same(logits[0], uncached(model, [*texts[2], 14]))
    assert same(logits[1], uncached(model, [*texts[0], 15, 16]))


def test_a_past_is_shared_and_stays_as_it_was(model):
    past = CachedReader(model, None, 2)
    past.read([[1, 2, 3], [4, 5, 6]])
    read = past.keys_and_values
    for tokens in ([7, 8], [9]):
        logits = CachedReader(model, select_rows(read, [1]), 1).read([tokens])
        assert same(logits[0], uncached(model, [4, 5, 6, *tokens]))
    assert select_rows(read, [0, 1]) is read
    assert read[0][0].shape[2] == 3


def test_one_row_is_shared_by_many(model):
    past = CachedReader(model, None, 1)
    past.read([[1, 2, 3]])
    logits = CachedReader(model, repeat_rows(past.keys_and_values, 2), 2).read([[4], [5, 6]])
    assert same(logits[0], uncached(model, [1, 2, 3, 4]))
    assert same(logits[1], uncached(model, [1, 2, 3, 5, 6]))
