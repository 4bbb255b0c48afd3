# Unit tests of tui.
if TESTS
if TUI
TUI_TESTS_RUN = tests/unit/tui/test_grid tests/unit/tui/test_log_window tests/unit/tui/test_list tests/unit/tui/test_text \
	tests/unit/tui/test_commands tests/unit/tui/test_theme tests/unit/tui/test_feed \
	tests/unit/tui/test_chart tests/unit/tui/test_diff tests/unit/tui/test_doc tests/unit/tui/test_mrkdwn tests/unit/tui/test_comparison
TUI_TESTS_RUN += tests/unit/tui/test_term_input tests/unit/tui/test_keymap \
	tests/unit/tui/test_palette
check_PROGRAMS += $(TUI_TESTS_RUN)
TESTS += $(TUI_TESTS_RUN)
TUI_TEST_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/tui/test_setup_form
TESTS += tests/unit/tui/test_setup_form
tests_unit_tui_test_setup_form_SOURCES = tests/unit/tui/test_setup_form.c
tests_unit_tui_test_setup_form_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_setup_form_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_log_window_SOURCES = tests/unit/tui/test_log_window.c
tests_unit_tui_test_log_window_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_log_window_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_grid_SOURCES = tests/unit/tui/test_grid.c
tests_unit_tui_test_grid_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_grid_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_list_SOURCES = tests/unit/tui/test_list.c
tests_unit_tui_test_list_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_list_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_feed_SOURCES = tests/unit/tui/test_feed.c
tests_unit_tui_test_feed_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_feed_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_text_SOURCES = tests/unit/tui/test_text.c
tests_unit_tui_test_text_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_text_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_commands_SOURCES = tests/unit/tui/test_commands.c
tests_unit_tui_test_commands_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_commands_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_keymap_SOURCES = tests/unit/tui/test_keymap.c
tests_unit_tui_test_keymap_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_keymap_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_palette_SOURCES = tests/unit/tui/test_palette.c
tests_unit_tui_test_palette_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_palette_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_term_input_SOURCES = tests/unit/tui/test_term_input.c
tests_unit_tui_test_term_input_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_term_input_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_theme_SOURCES = tests/unit/tui/test_theme.c
tests_unit_tui_test_theme_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_theme_CPPFLAGS = $(AM_CPPFLAGS) -DSRC_THEMES=\"$(abs_top_srcdir)/themes\"
tests_unit_tui_test_theme_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_chart_SOURCES = tests/unit/tui/test_chart.c
tests_unit_tui_test_chart_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_chart_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_diff_SOURCES = tests/unit/tui/test_diff.c
tests_unit_tui_test_diff_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_diff_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_doc_SOURCES = tests/unit/tui/test_doc.c
tests_unit_tui_test_doc_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_doc_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_mrkdwn_SOURCES = tests/unit/tui/test_mrkdwn.c
tests_unit_tui_test_mrkdwn_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_mrkdwn_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_comparison_SOURCES = tests/unit/tui/test_comparison.c
tests_unit_tui_test_comparison_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_comparison_LDADD = $(TUI_TEST_LDADD)
LIST_TESTS = tests/unit/tui/test_list_acts tests/unit/tui/test_settings tests/unit/tui/test_export
check_PROGRAMS += $(LIST_TESTS)
TESTS += $(LIST_TESTS)
tests_unit_tui_test_list_acts_SOURCES = tests/unit/tui/test_list_acts.c
tests_unit_tui_test_list_acts_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_list_acts_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_settings_SOURCES = tests/unit/tui/test_settings.c
tests_unit_tui_test_settings_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_settings_LDADD = $(TUI_TEST_LDADD)
tests_unit_tui_test_export_SOURCES = tests/unit/tui/test_export.c
tests_unit_tui_test_export_CFLAGS = $(TEST_CFLAGS)
tests_unit_tui_test_export_LDADD = $(TUI_TEST_LDADD)
endif
endif
