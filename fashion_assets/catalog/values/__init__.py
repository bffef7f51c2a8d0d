"""What single cells of a shop's table mean: missing values, prices, texts, words, lists and photo paths.

Functions on Polars columns of text, without settings and without files; which column holds what is decided elsewhere.
"""
