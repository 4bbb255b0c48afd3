# Unit tests of core/store.
if TESTS
check_PROGRAMS += tests/unit/store/test_requests
tests_unit_store_test_requests_SOURCES = tests/unit/store/test_requests.c tests/unit/store/fixture.h
tests_unit_store_test_requests_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_requests_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_requests
check_PROGRAMS += tests/unit/store/test_whole
tests_unit_store_test_whole_SOURCES = tests/unit/store/test_whole.c tests/unit/store/fixture.h
tests_unit_store_test_whole_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_whole_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_whole
check_PROGRAMS += tests/unit/store/test_open
tests_unit_store_test_open_SOURCES = tests/unit/store/test_open.c tests/unit/store/fixture.h
tests_unit_store_test_open_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_open_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_open
check_PROGRAMS += tests/unit/store/test_together
tests_unit_store_test_together_SOURCES = tests/unit/store/test_together.c tests/unit/store/fixture.h
tests_unit_store_test_together_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_together_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_together
check_PROGRAMS += tests/unit/store/test_migrate
tests_unit_store_test_migrate_SOURCES = tests/unit/store/test_migrate.c tests/unit/store/fixture.h
tests_unit_store_test_migrate_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_migrate_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_migrate
check_PROGRAMS += tests/unit/store/test_search
tests_unit_store_test_search_SOURCES = tests/unit/store/test_search.c tests/unit/store/fixture.h
tests_unit_store_test_search_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_search_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_search
check_PROGRAMS += tests/unit/store/test_linked
tests_unit_store_test_linked_SOURCES = tests/unit/store/test_linked.c tests/unit/store/fixture.h
tests_unit_store_test_linked_CFLAGS = $(TEST_CFLAGS)
tests_unit_store_test_linked_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/store/test_linked
endif
