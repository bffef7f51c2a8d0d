"""Alerts: which failures become messages, where each is sent, and whether it was delivered."""
