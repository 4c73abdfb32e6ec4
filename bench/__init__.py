"""Polls made-up feeds with reebot and with the plain loop, side by side, and prints what each costs."""
