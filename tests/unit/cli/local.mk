if TESTS
check_PROGRAMS += tests/unit/cli/test_command tests/unit/cli/test_parse tests/unit/cli/test_out \
	tests/unit/cli/test_log_keeper
tests_unit_cli_test_command_SOURCES = tests/unit/cli/test_command.c
tests_unit_cli_test_command_CFLAGS = $(TEST_CFLAGS)
tests_unit_cli_test_command_LDADD = $(LIB_CLI) $(TUI_LIBS) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_cli_test_parse_SOURCES = tests/unit/cli/test_parse.c
tests_unit_cli_test_parse_CFLAGS = $(TEST_CFLAGS)
tests_unit_cli_test_parse_LDADD = $(LIB_CLI) $(TUI_LIBS) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_cli_test_out_SOURCES = tests/unit/cli/test_out.c
tests_unit_cli_test_out_CFLAGS = $(TEST_CFLAGS)
tests_unit_cli_test_out_LDADD = $(LIB_CLI) $(TUI_LIBS) $(ENGINE_LIBS) $(CMOCKA_LIBS)
tests_unit_cli_test_log_keeper_SOURCES = tests/unit/cli/test_log_keeper.c
tests_unit_cli_test_log_keeper_CFLAGS = $(TEST_CFLAGS)
tests_unit_cli_test_log_keeper_LDADD = $(LIB_CLI) $(TUI_LIBS) $(ENGINE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/cli/test_command tests/unit/cli/test_parse tests/unit/cli/test_out \
	tests/unit/cli/test_log_keeper
endif
dist_check_SCRIPTS += tests/unit/cli/program.sh
TESTS += tests/unit/cli/program.sh
