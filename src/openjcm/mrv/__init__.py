"""Measuring: from the bytes of a meter file to emission reductions per calendar year.

``readings`` takes a file in as exact integers, ``quality`` judges them by named rules, ``gaps`` says what may stand in
for what is missing, ``methodology`` and ``calculation`` turn the energy into emission reductions with every step shown.
"""
