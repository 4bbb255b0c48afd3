# Unit tests of core/logs.
if TESTS
LOGS_TESTS_RUN = tests/unit/logs/test_needle tests/unit/logs/test_record \
	tests/unit/logs/test_source tests/unit/logs/test_merge
check_PROGRAMS += $(LOGS_TESTS_RUN)
TESTS += $(LOGS_TESTS_RUN)
LOGS_TEST_LDADD = core/liblogs.a $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_logs_test_needle_SOURCES = tests/unit/logs/test_needle.c
tests_unit_logs_test_needle_CFLAGS = $(TEST_CFLAGS)
tests_unit_logs_test_needle_LDADD = $(LOGS_TEST_LDADD)
tests_unit_logs_test_record_SOURCES = tests/unit/logs/test_record.c
tests_unit_logs_test_record_CFLAGS = $(TEST_CFLAGS)
tests_unit_logs_test_record_LDADD = $(LOGS_TEST_LDADD)
tests_unit_logs_test_source_SOURCES = tests/unit/logs/test_source.c
tests_unit_logs_test_source_CFLAGS = $(TEST_CFLAGS)
tests_unit_logs_test_source_LDADD = $(LOGS_TEST_LDADD)
tests_unit_logs_test_merge_SOURCES = tests/unit/logs/test_merge.c
tests_unit_logs_test_merge_CFLAGS = $(TEST_CFLAGS)
tests_unit_logs_test_merge_LDADD = $(LOGS_TEST_LDADD)
endif
