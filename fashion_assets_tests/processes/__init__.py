"""Programs that tests start as processes of their own, to kill, interrupt or run side by side."""
