"""OpenJCM: the Joint Crediting Mechanism from the meter reading to the national account.

The folders below are the life of a tonne, read from top to bottom (see ``docs/the_life_of_a_tonne.md``).
"""

ENGINE_VERSION = "0.1.0"
"""Version of the calculating engine. It is written into every monitoring report, so a rerun can say what it ran."""
