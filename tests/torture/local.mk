# tests/torture: kills, faults, flipped bytes, stops and a day of passes; `make torture` is the long run.
TORTURE = tests/torture/kills.py tests/torture/stages.py tests/torture/fault_table.py \
	tests/torture/clock.py tests/torture/disk.py tests/torture/flips.py tests/torture/hammer.py \
	tests/torture/stops.py tests/torture/soak.py tests/torture/torture.py
EXTRA_DIST += $(TORTURE) tests/torture/short.py tests/torture/short_faults.py tests/torture/skew.c
if SANDBOX
TESTS += tests/torture/short.py tests/torture/short_faults.py
if TESTS
EXTRA_PROGRAMS += tests/torture/soak_main
check_PROGRAMS += tests/torture/old_state
tests_torture_old_state_SOURCES = tests/torture/old_state.c
tests_torture_old_state_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS)
check_DATA += tests/torture/skew.so
CLEANFILES += tests/torture/skew.so
tests_torture_soak_main_SOURCES = tests/torture/soak_main.c
tests_torture_soak_main_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS)

# A library that is preloaded, so it is built with no flags but its own.
tests/torture/skew.so: tests/torture/skew.c
	@$(MKDIR_P) tests/torture
	$(AM_V_CC)$(CC) -shared -fPIC -O1 -o $@ $(srcdir)/tests/torture/skew.c

# TORTURE_FLAGS="--kills 300 --only kills"; --write puts the tables into docs/reliability.md.
torture: creditbot$(EXEEXT) tests/sandbox/creditbot-sandbox$(EXEEXT) tests/torture/soak_main$(EXEEXT) \
		tests/torture/old_state$(EXEEXT) tests/torture/skew.so
	@$(AM_TESTS_ENVIRONMENT) python3 $(srcdir)/tests/torture/torture.py $(TORTURE_FLAGS)
endif
endif
