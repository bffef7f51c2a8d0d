"""A back end as another package would bring it, and the service that it asks; neither knows of the tests."""
