# tests/torture: kills, faults, flipped bytes, stops and a day of passes; `make torture` is the long run.
TORTURE = tests/torture/kills.py tests/torture/fault_table.py tests/torture/flips.py \
	tests/torture/soak.py tests/torture/torture.py
EXTRA_DIST += $(TORTURE) tests/torture/short.py
if SANDBOX
TESTS += tests/torture/short.py
if TESTS
EXTRA_PROGRAMS += tests/torture/soak_main
tests_torture_soak_main_SOURCES = tests/torture/soak_main.c
tests_torture_soak_main_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS)

# TORTURE_FLAGS="--kills 300 --only kills"; --write puts the tables into docs/reliability.md.
torture: creditbot$(EXEEXT) tests/sandbox/creditbot-sandbox$(EXEEXT) tests/torture/soak_main$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) CREDITBOT_SOAK='$(abs_builddir)/tests/torture/soak_main$(EXEEXT)' \
		python3 $(srcdir)/tests/torture/torture.py $(TORTURE_FLAGS)
endif
endif
