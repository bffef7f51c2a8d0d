"""The quality report: one HTML file that tells by itself how good a batch is, for people without this project.

`records` looks up what the tables say of a batch besides its rows, `contents` and `products` gather what is told,
`charts` draws, `page` puts it into the template `report.html.j2`, and `write` does all of that for one file.
"""
