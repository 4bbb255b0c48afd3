# Unit tests of core/calc.
if TESTS
check_PROGRAMS += tests/unit/calc/test_stats tests/unit/calc/test_plan tests/unit/calc/test_calc \
	tests/unit/calc/test_verify
tests_unit_calc_test_stats_SOURCES = tests/unit/calc/test_stats.c
tests_unit_calc_test_stats_CFLAGS = $(TEST_CFLAGS)
tests_unit_calc_test_stats_LDADD = $(LIB_CALC) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_calc_test_plan_SOURCES = tests/unit/calc/test_plan.c
tests_unit_calc_test_plan_CFLAGS = $(TEST_CFLAGS)
tests_unit_calc_test_plan_LDADD = $(LIB_CALC) $(BASE_LIBS) $(SQLITE_LIBS) $(CMOCKA_LIBS)
tests_unit_calc_test_calc_SOURCES = tests/unit/calc/test_calc.c
tests_unit_calc_test_calc_CFLAGS = $(TEST_CFLAGS)
tests_unit_calc_test_calc_LDADD = $(LIB_CALC) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_calc_test_verify_SOURCES = tests/unit/calc/test_verify.c tests/bench/calc_world.c \
	tests/bench/calc_world.h
tests_unit_calc_test_verify_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/bench
tests_unit_calc_test_verify_CFLAGS = $(TEST_CFLAGS)
tests_unit_calc_test_verify_LDADD = $(LIB_CALC) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/calc/test_stats tests/unit/calc/test_plan tests/unit/calc/test_calc \
	tests/unit/calc/test_verify
endif
