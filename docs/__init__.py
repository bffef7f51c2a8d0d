"""The documentation's pages, and what makes their generated parts."""
