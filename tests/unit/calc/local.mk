# Unit tests of core/calc.
