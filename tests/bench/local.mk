# `make bench` measures and prints ratios beside a peer; it never fails a build on time.
BENCHES = tests/bench/calc_error tests/bench/warehouse_bench tests/bench/store_fill
CONSOLE_BENCHES =
if TUI_TESTS
if TESTS
CONSOLE_BENCHES += tests/bench/log_bench$(EXEEXT) tests/bench/tui_bench$(EXEEXT) tests/console/console_main$(EXEEXT)
endif
endif
EXTRA_DIST += tests/bench/startup.py tests/bench/backlog.py docs/benchmarks.md

# A state with many requests.
EXTRA_PROGRAMS += tests/bench/store_fill
tests_bench_store_fill_SOURCES = tests/bench/store_fill.c
tests_bench_store_fill_LDADD = $(LIB_ENGINE) $(ENGINE_LIBS)

.PHONY: bench
bench: creditbot$(EXEEXT) tests/sandbox/creditbot-sandbox$(EXEEXT) $(BENCHES) $(CONSOLE_BENCHES)
	@$(AM_TESTS_ENVIRONMENT) python3 $(top_srcdir)/tests/bench/startup.py tests/bench/store_fill; true
	@$(AM_TESTS_ENVIRONMENT) python3 $(top_srcdir)/tests/bench/backlog.py; true
	@tests/bench/warehouse_bench; true
	@for bench in $(CONSOLE_BENCHES); do case $$bench in \
		*tui_bench*|*log_bench*) $(AM_TESTS_ENVIRONMENT) $$bench;; esac; done; true
	@tests/bench/calc_error; true

# The calculator's error on accounts with known truth.
EXTRA_PROGRAMS += tests/bench/calc_error
tests_bench_calc_error_SOURCES = tests/bench/calc_error.c tests/bench/calc_world.c \
	tests/bench/calc_world.h
tests_bench_calc_error_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/bench
tests_bench_calc_error_LDADD = $(LIB_CALC) $(BASE_LIBS)

# Rows through the Trino client and the calculator beside a bare cJSON parse.
EXTRA_PROGRAMS += tests/bench/warehouse_bench
tests_bench_warehouse_bench_SOURCES = tests/bench/warehouse_bench.c
tests_bench_warehouse_bench_LDADD = core/libcalc.a $(LIB_SERVICES) $(ENGINE_LIBS) -lm
