"""The LanceDB index: built beside the live version, judged, promoted, rolled back."""
