"""The LanceDB index: built as a new version, checked, promoted, rolled back."""
