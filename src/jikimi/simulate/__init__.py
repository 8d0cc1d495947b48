"""Invented people in an invented town, their devices and their officers. It must never look like a real case.

It drives Jikimi from outside, through files or over HTTP, and knows the truth beside what the devices said.
"""
