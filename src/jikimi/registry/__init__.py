"""Who is whom and what binds whom: agencies, people, devices, orders, places, units, jurisdictions.

It must never publish a change that its transaction did not commit, nor show a person to an agency without a part in it.
"""
