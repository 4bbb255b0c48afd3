# Unit tests of core/services.
if TESTS
check_PROGRAMS += tests/unit/services/test_sql_guard tests/unit/services/test_trino_page
tests_unit_services_test_sql_guard_SOURCES = tests/unit/services/test_sql_guard.c
tests_unit_services_test_sql_guard_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_sql_guard_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_sql_guard
tests_unit_services_test_trino_page_SOURCES = tests/unit/services/test_trino_page.c
tests_unit_services_test_trino_page_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_trino_page_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_trino_page
endif
