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
if TESTS
check_PROGRAMS += tests/unit/services/test_link
tests_unit_services_test_link_SOURCES = tests/unit/services/test_link.c
tests_unit_services_test_link_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_link_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_link
check_PROGRAMS += tests/unit/services/test_looker
tests_unit_services_test_looker_SOURCES = tests/unit/services/test_looker.c \
	tests/unit/net/fake_http.c tests/unit/net/fake_http.h
tests_unit_services_test_looker_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_looker_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_looker
check_PROGRAMS += tests/unit/services/test_looker_sql
tests_unit_services_test_looker_sql_SOURCES = tests/unit/services/test_looker_sql.c
tests_unit_services_test_looker_sql_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_looker_sql_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_looker_sql
check_PROGRAMS += tests/unit/services/test_slack
tests_unit_services_test_slack_SOURCES = tests/unit/services/test_slack.c \
	tests/unit/net/fake_http.c tests/unit/net/fake_http.h
tests_unit_services_test_slack_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_slack_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_slack
check_PROGRAMS += tests/unit/services/test_slack_codes
tests_unit_services_test_slack_codes_SOURCES = tests/unit/services/test_slack_codes.c
tests_unit_services_test_slack_codes_CFLAGS = $(TEST_CFLAGS)
tests_unit_services_test_slack_codes_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/services/test_slack_codes
endif
