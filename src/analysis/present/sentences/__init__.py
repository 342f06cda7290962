"""Sentences with numbers: functions that hold both languages."""
