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
check_PROGRAMS += tests/unit/services/test_warehouse_trino \
	tests/unit/services/test_warehouse_sqlite
tests_unit_services_test_warehouse_trino_SOURCES = \
	tests/unit/services/test_warehouse_trino.c \
	tests/unit/services/fake_trino.c tests/unit/services/fake_trino.h
tests_unit_services_test_warehouse_trino_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_warehouse_trino_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_warehouse_trino
tests_unit_services_test_warehouse_sqlite_SOURCES = tests/unit/services/test_warehouse_sqlite.c
tests_unit_services_test_warehouse_sqlite_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_warehouse_sqlite_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_warehouse_sqlite
endif
