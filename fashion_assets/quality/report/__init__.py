"""The quality report: one HTML file that tells by itself how good a batch is, for people without this project.

`records` looks up what the tables say of a batch besides its rows; `gather` collects, from some batches at a time, what
is told (`contents`) and shown (`products`), and `parts` keeps what it needs of them; `charts` draws, `page` fills
the template `report.html.j2`, and `write` does all of that for one file.
"""
