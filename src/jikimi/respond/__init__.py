"""Alerts become incidents, taskings and deadlines. It must never lose an alert, and never tell anyone twice as news."""
