"""What the demo CLIP is trained to do: score every photo that fits a caption above all that do not, and vice versa.

Captions mention only some traits, so in a batch several photos may fit one; treating only the caption's own photo as
right would teach the model to guess. And matches do not compete with each other: a search wants all of them first.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from training.clip.batches import CaptionBatch

Tokenizer = Callable[[list[str]], torch.Tensor]

_LARGEST_SCALE = 100.0


def batch_loss(model: torch.nn.Module, tokenizer: Tokenizer, photos: torch.Tensor, batch: CaptionBatch) -> torch.Tensor:
    """Short queries to photos, long captions to photos, and photos to all captions; `photos` are vectors (n, dim)."""
    with torch.autocast("cpu", torch.bfloat16):
        short, long = (encode_texts(model, tokenizer(texts)) for texts in (batch.short, batch.long))
    photos, short, long = (F.normalize(vectors.float(), dim=-1) for vectors in (photos, short, long))
    scale = model.logit_scale.exp().clamp(max=_LARGEST_SCALE)
    of_short, of_long = scale * short @ photos.T, scale * long @ photos.T
    both, both_fit = torch.cat([of_short, of_long]), torch.cat([batch.short_fits, batch.long_fits])
    losses = (contrast(of_short, batch.short_fits), contrast(of_long, batch.long_fits), contrast(both.T, both_fit.T))
    return sum(losses) / len(losses)


def contrast(scores: torch.Tensor, matches: torch.Tensor) -> torch.Tensor:
    """The mean loss of rows of `scores` (n, m), of which those with `matches` (n, m, bool) should be the highest.

    For each match: how likely a softmax over it and the row's mismatches is to choose a mismatch.
    """
    mismatches = scores.masked_fill(matches, -1e4).logsumexp(1, keepdim=True)
    loss = F.softplus(mismatches - scores) * matches
    return (loss.sum(1) / matches.sum(1)).mean()


def encode_texts(model: torch.nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """As `model.encode_text` of `tokens` (n, context), but without computing the padding: (n, dimension).

    The attention is causal, so what comes after a text's end changes nothing; short queries become six times cheaper.
    """
    length = int((tokens != 0).sum(1).max())
    tokens = tokens[:, :length]
    hidden = model.token_embedding(tokens) + model.positional_embedding[:length]
    hidden = model.ln_final(model.transformer(hidden, attn_mask=model.attn_mask[:length, :length]))
    ends = (tokens == model.text_eos_id).int().argmax(1)
    return hidden[torch.arange(len(tokens)), ends] @ model.text_projection
