"""Whether accepted readings are plausible: physics of the sun, the habits of the series, and what others say.

These rules run after the fold and reject nothing. Each is a function of the plain steps of a meter (or of figures by
month) that yields what it saw, with the readings that prove it. All but the sun's place is whole numbers, and the sun's
place uses additions, multiplications, divisions and remainders only, so findings are the same on every machine.
"""
