# Unit tests of core/store.
if TESTS
check_PROGRAMS += tests/unit/store/test_requests
tests_unit_store_test_requests_SOURCES = tests/unit/store/test_requests.c tests/unit/store/fixture.h
tests_unit_store_test_requests_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_requests_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_requests
endif
