# tests/console: the console in a terminal emulator.
if TUI_TESTS
check_PROGRAMS += tests/console/console_main
tests_console_console_main_SOURCES = tests/console/console_main.c
tests_console_console_main_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
endif
