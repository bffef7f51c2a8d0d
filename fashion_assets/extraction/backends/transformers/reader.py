"""Reading tokens with a key-value cache: a prefix that several rows share is read once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

KeysAndValues = list[tuple["torch.Tensor", "torch.Tensor"]]
"""Per layer, (rows, heads, tokens, width); every row has read the same number of tokens."""


def select_rows(read: KeysAndValues, rows: Sequence[int]) -> KeysAndValues:
    """These rows of the cache, in this order; the same tensors if they are all rows in order."""
    if list(rows) == list(range(len(read[0][0]))):
        return read
    return [(keys[rows], values[rows]) for keys, values in read]


def repeat_rows(read: KeysAndValues, times: int) -> KeysAndValues:
    """The cache's only row, repeated `times` times without copying."""
    return [(keys.expand(times, -1, -1, -1), values.expand(times, -1, -1, -1)) for keys, values in read]


class CachedReader:
    """Reads rows of tokens after a common past.

    Rows may read different numbers of tokens: the shorter ones are padded on the left, the padding stays masked, and
    positions are counted per row, so that each row's logits are those of the row alone.
    """

    def __init__(self, model, past: KeysAndValues | None, rows: int):
        """`past` is what all rows have already read (the same number of tokens each), or None."""
        import torch
        from transformers import DynamicCache

        self._model = model
        self._cache = DynamicCache(past) if past else DynamicCache()
        length = past[0][0].shape[2] if past else 0
        self._mask = torch.ones(rows, length, dtype=torch.long, device=model.device)
        self.tokens_read = 0

    def read(self, tokens: Sequence[Sequence[int]]) -> "torch.Tensor":
        import torch

        width = max(len(row) for row in tokens)
        ids = torch.tensor([[0] * (width - len(row)) + list(row) for row in tokens])
        is_real = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in tokens])
        device = self._model.device
        return self._read(self._model.get_input_embeddings()(ids.to(device)), is_real.to(device))

    def read_embedded(self, embedded: "torch.Tensor") -> "torch.Tensor":
        """As `read`, for embeddings (rows, tokens, width) without padding."""
        import torch

        return self._read(embedded, torch.ones(embedded.shape[:2], dtype=torch.long, device=embedded.device))

    def keep(self, rows: Sequence[int]) -> None:
        import torch

        kept = torch.tensor(rows, device=self._mask.device)
        self._cache.batch_select_indices(kept)
        self._mask = self._mask[kept]

    @property
    def keys_and_values(self) -> KeysAndValues:
        layers: list[Any] = self._cache.layers  # declared as the union of all kinds of layers, some without keys
        return [(layer.keys, layer.values) for layer in layers]

    def _read(self, embedded: "torch.Tensor", is_real: "torch.Tensor") -> "torch.Tensor":
        import torch

        already = self._mask.sum(dim=1, keepdim=True)
        positions = (already + is_real.cumsum(dim=1) - 1).clamp(min=0)
        self._mask = torch.cat([self._mask, is_real], dim=1)
        self.tokens_read += embedded.shape[0] * embedded.shape[1]
        output = self._model(
            inputs_embeds=embedded,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1]
