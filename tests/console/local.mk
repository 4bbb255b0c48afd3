# tests/console: the console in a terminal emulator.
if TUI_TESTS
if TESTS
check_PROGRAMS += tests/console/console_main tests/console/test_console tests/console/test_screens \
	tests/console/test_monkey tests/console/test_storm tests/console/test_together
TESTS += tests/console/test_console tests/console/test_screens tests/console/test_monkey tests/console/test_storm \
	tests/console/test_together
tests_console_console_main_SOURCES = tests/console/console_main.c
tests_console_console_main_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)

# What all console tests share: a desk, a terminal emulator.
check_LIBRARIES += tests/console/libtty.a
tests_console_libtty_a_SOURCES = tests/console/fixture.c tests/console/fixture.h \
	tests/console/sandbox.c tests/console/sandbox.h tests/console/seed.c tests/console/seed.h \
	tests/console/tty.c tests/console/tty.h tests/console/wire.c tests/console/wire.h \
	tests/console/writer.c tests/console/writer.h
tests_console_libtty_a_CFLAGS = $(TEST_CFLAGS) $(VTERM_CFLAGS)
CONSOLE_TEST_CFLAGS = $(TEST_CFLAGS) $(VTERM_CFLAGS)
CONSOLE_TEST_LIBS = tests/console/libtty.a $(LIB_ENGINE) $(ENGINE_LIBS) $(VTERM_LIBS) $(CMOCKA_LIBS)

tests_console_test_console_SOURCES = tests/console/test_console.c
tests_console_test_console_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_console_LDADD = $(CONSOLE_TEST_LIBS)

# Lists: filter, marks, order, columns, pause, exports, what is remembered.
check_PROGRAMS += tests/console/test_lists
TESTS += tests/console/test_lists
tests_console_test_lists_SOURCES = tests/console/test_lists.c
tests_console_test_lists_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_lists_LDADD = $(CONSOLE_TEST_LIBS)

# Golden screens: `GENERATE=1 tests/console/test_screens [PATTERN]` takes what is shown.
EXTRA_DIST += tests/console/screens
tests_console_test_screens_SOURCES = tests/console/test_screens.c tests/console/screens.c \
	tests/console/screens.h
tests_console_test_screens_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_screens_LDADD = tests/console/libtty.a $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) \
	$(ENGINE_LIBS) $(VTERM_LIBS) $(CMOCKA_LIBS)

# The first run: the real program, against the sandbox.
check_PROGRAMS += tests/console/test_setup tests/console/test_frame tests/console/test_demo
TESTS += tests/console/test_setup tests/console/test_frame tests/console/test_demo
tests_console_test_demo_SOURCES = tests/console/test_demo.c
tests_console_test_demo_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_demo_LDADD = $(CONSOLE_TEST_LIBS)
tests_console_test_frame_SOURCES = tests/console/test_frame.c
tests_console_test_frame_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_frame_LDADD = $(CONSOLE_TEST_LIBS)
tests_console_test_setup_SOURCES = tests/console/test_setup.c
tests_console_test_setup_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_setup_LDADD = $(CONSOLE_TEST_LIBS)

# The dialogs that decide.
check_PROGRAMS += tests/console/test_acting
TESTS += tests/console/test_acting
tests_console_test_acting_SOURCES = tests/console/test_acting.c
tests_console_test_acting_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_acting_LDADD = $(CONSOLE_TEST_LIBS)
check_PROGRAMS += tests/console/test_deciding
TESTS += tests/console/test_deciding
tests_console_test_deciding_SOURCES = tests/console/test_deciding.c
tests_console_test_deciding_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_deciding_LDADD = $(CONSOLE_TEST_LIBS)
# The request view.
check_PROGRAMS += tests/console/test_request
TESTS += tests/console/test_request
tests_console_test_request_SOURCES = tests/console/test_request.c
tests_console_test_request_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_request_LDADD = $(CONSOLE_TEST_LIBS)
check_PROGRAMS += tests/console/test_history
TESTS += tests/console/test_history
tests_console_test_history_SOURCES = tests/console/test_history.c
tests_console_test_history_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_history_LDADD = $(CONSOLE_TEST_LIBS)


# Keys and terminals.
check_PROGRAMS += tests/console/test_keys tests/console/test_terminals
TESTS += tests/console/test_keys tests/console/test_terminals
tests_console_test_keys_SOURCES = tests/console/test_keys.c
tests_console_test_keys_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_keys_LDADD = $(CONSOLE_TEST_LIBS)
tests_console_test_terminals_SOURCES = tests/console/test_terminals.c
tests_console_test_terminals_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_terminals_LDADD = $(CONSOLE_TEST_LIBS)

# Hostile text through every view; the payloads are shared with tests/e2e/hostile.py.
EXTRA_DIST += tests/hostile.txt
check_PROGRAMS += tests/console/test_hostile
TESTS += tests/console/test_hostile
tests_console_test_hostile_SOURCES = tests/console/test_hostile.c
tests_console_test_hostile_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_hostile_LDADD = $(CONSOLE_TEST_LIBS)

# The view of logs over files.
check_PROGRAMS += tests/console/test_logs
TESTS += tests/console/test_logs
tests_console_test_logs_SOURCES = tests/console/test_logs.c
tests_console_test_logs_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_logs_LDADD = $(CONSOLE_TEST_LIBS)

# The renderer against the emulator.
check_PROGRAMS += tests/console/test_draw
TESTS += tests/console/test_draw
tests_console_test_draw_SOURCES = tests/console/test_draw.c
tests_console_test_draw_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_draw_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS) \
	$(VTERM_LIBS) $(CMOCKA_LIBS)

tests_console_test_monkey_SOURCES = tests/console/test_monkey.c
tests_console_test_monkey_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_monkey_LDADD = $(CONSOLE_TEST_LIBS)

tests_console_test_storm_SOURCES = tests/console/test_storm.c
tests_console_test_storm_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_storm_LDADD = $(CONSOLE_TEST_LIBS)

tests_console_test_together_SOURCES = tests/console/test_together.c
tests_console_test_together_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_test_together_LDADD = $(CONSOLE_TEST_LIBS)

# `make pictures`: the pictures of the README, from the real console.
EXTRA_DIST += docs/pictures
EXTRA_PROGRAMS += tests/console/pictures
tests_console_pictures_SOURCES = tests/console/pictures.c
tests_console_pictures_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_console_pictures_LDADD = $(CONSOLE_TEST_LIBS)
pictures: tests/console/pictures$(EXEEXT) creditbot$(EXEEXT) tests/sandbox/creditbot-sandbox$(EXEEXT)
	@$(MKDIR_P) '$(top_srcdir)/docs/pictures'
	@$(AM_TESTS_ENVIRONMENT) tests/console/pictures '$(top_srcdir)/docs/pictures'

# `make bench-tui`: first frame and key to frame with a million decided requests.
EXTRA_PROGRAMS += tests/bench/tui_bench
tests_bench_tui_bench_SOURCES = tests/bench/tui_bench.c
tests_bench_tui_bench_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_bench_tui_bench_LDADD = $(CONSOLE_TEST_LIBS)
bench-tui: tests/bench/tui_bench$(EXEEXT) tests/console/console_main$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) tests/bench/tui_bench

# `make bench-logs`: the view of logs on 1 GB beside less, grep, wc and lnav.
EXTRA_PROGRAMS += tests/bench/log_bench
tests_bench_log_bench_SOURCES = tests/bench/log_bench.c
tests_bench_log_bench_CFLAGS = $(CONSOLE_TEST_CFLAGS)
tests_bench_log_bench_LDADD = $(CONSOLE_TEST_LIBS)
bench-logs: tests/bench/log_bench$(EXEEXT) creditbot$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) tests/bench/log_bench
endif
endif
