"""The flags of a reading: the bit with the number of each rule that spoke; bit 31 marks a value that was used."""

from __future__ import annotations

Q01, Q02, Q03, Q04, Q05, Q06, Q07, Q08 = (1 << number for number in range(1, 9))
Q09, Q10, Q11, Q12, Q13, Q14 = (1 << number for number in range(9, 15))
Q23, Q24, Q26 = 1 << 23, 1 << 24, 1 << 26
ACCEPTED = 1 << 31
UNUSABLE = Q01 | Q02 | Q03 | Q04 | Q05 | Q24
"""Not to be folded: the reading is no register value, no value of its time, or of no time of the period."""
