# tests/bench

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
