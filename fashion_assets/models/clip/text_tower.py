"""Texts through an open_clip text tower without computing their padding.

open_clip pads every text to the context length (77 tokens for CLIP), of which a short description fills a sixth. In a
tower with a causal mask no token sees those after it, so what follows the end-of-text token that is pooled changes
nothing, and may be left out.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def text_lengths(network: Any, tokens: "torch.Tensor") -> "torch.Tensor":
    """How many of each text's `tokens` (texts, context length) `encode_tokens` needs: (texts,) integers.

    All of them, where the tower is not a causal one that pools the end-of-text token.
    """
    import torch

    if not _is_causal(network):
        return torch.full((len(tokens),), tokens.shape[1])
    return tokens.argmax(dim=1) + 1  # the end of text is the vocabulary's last token, as open_clip's pooling has it


def encode_tokens(network: Any, tokens: "torch.Tensor") -> "torch.Tensor":
    """What `network.encode_text(tokens)` returns, (texts, dimension) not normalised, for tokens that were cut to the
    longest of their `text_lengths`.
    """
    import torch

    if tokens.shape[1] == network.context_length:
        return network.encode_text(tokens)
    dtype, length = network.transformer.get_cast_dtype(), tokens.shape[1]
    states = network.token_embedding(tokens).to(dtype) + network.positional_embedding[:length].to(dtype)
    states = network.ln_final(network.transformer(states, attn_mask=network.attn_mask[:length, :length]))
    pooled = states[range(len(tokens)), tokens.argmax(dim=1)]
    projection: Any = network.text_projection  # a matrix or a layer; none where the states are the vectors
    if projection is None:
        return pooled
    return projection(pooled) if isinstance(projection, torch.nn.Module) else pooled @ projection


def _is_causal(network: Any) -> bool:
    import open_clip

    return isinstance(network, open_clip.CLIP) and network.attn_mask is not None and network.text_pool_type == "argmax"
