"""The whole flow compared with Pixeltable, and with Daft and LanceDB: the same photos, questions and models.

Each contender runs in processes of its own; `compare.py` measures them and writes the table.
"""
