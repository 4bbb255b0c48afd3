# Unit tests of core/base.
if TESTS
check_PROGRAMS += tests/unit/base/test_error
tests_unit_base_test_error_SOURCES = tests/unit/base/test_error.c tests/unit/base/cmocka_base.h
tests_unit_base_test_error_CFLAGS = $(TEST_CFLAGS)
tests_unit_base_test_error_LDADD = $(LIB_BASE) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test_error
check_PROGRAMS += tests/unit/base/test_cancel
tests_unit_base_test_cancel_SOURCES = tests/unit/base/test_cancel.c tests/unit/base/cmocka_base.h
tests_unit_base_test_cancel_CFLAGS = $(TEST_CFLAGS)
tests_unit_base_test_cancel_LDADD = $(LIB_BASE) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test_cancel
check_PROGRAMS += tests/unit/base/test_clock
tests_unit_base_test_clock_SOURCES = tests/unit/base/test_clock.c tests/unit/base/cmocka_base.h
tests_unit_base_test_clock_CFLAGS = $(TEST_CFLAGS)
tests_unit_base_test_clock_LDADD = $(LIB_BASE) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test_clock
check_PROGRAMS += tests/unit/base/test_json
tests_unit_base_test_json_SOURCES = tests/unit/base/test_json.c tests/unit/base/cmocka_base.h
tests_unit_base_test_json_CFLAGS = $(TEST_CFLAGS)
tests_unit_base_test_json_LDADD = $(LIB_BASE) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test_json
check_PROGRAMS += tests/unit/base/test_money
tests_unit_base_test_money_SOURCES = tests/unit/base/test_money.c tests/unit/base/cmocka_base.h
tests_unit_base_test_money_CFLAGS = $(TEST_CFLAGS)
tests_unit_base_test_money_LDADD = $(LIB_BASE) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test_money
endif
