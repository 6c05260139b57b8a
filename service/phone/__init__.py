"""Confirming a phone number: the number's form, the one-time code, the SMS that carries it."""
