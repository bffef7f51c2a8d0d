"""Texts through an open_clip text tower without computing their padding.

open_clip pads every text to the context length (77 tokens for CLIP), of which a short description fills a sixth. With a
causal mask no token attends to later ones, so tokens after the pooled end-of-text token have no effect and can be left
out.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def text_lengths(network: Any, tokens: "torch.Tensor") -> "torch.Tensor":
    """How many of each text's `tokens` (texts, context length) `encode_tokens` needs: (texts,) integers.

    All of them if the tower is not causal or does not pool the end-of-text token.
    """
    import torch

    if not _is_causal(network):
        return torch.full((len(tokens),), tokens.shape[1])
    return tokens.argmax(dim=1) + 1  # end-of-text is the vocabulary's last token, as in open_clip's pooling


def encode_tokens(network: Any, tokens: "torch.Tensor") -> "torch.Tensor":
    """The result of `network.encode_text(tokens)`, (texts, dimension) not normalised, for tokens cut to the longest of
    their `text_lengths`.
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
