# tests/fuzz
# `make fuzz FUZZ_SECONDS=3600`: every libFuzzer target so long, one after the other, with --enable-fuzzers;
# FUZZ_FLAGS=--write puts what was seen into docs/reliability.md.
FUZZ_SECONDS = 60
FUZZ_FLAGS =
EXTRA_DIST += tests/fuzz/run.py
.PHONY: fuzz
fuzz: $(noinst_PROGRAMS)
	python3 $(srcdir)/tests/fuzz/run.py --seconds $(FUZZ_SECONDS) $(FUZZ_FLAGS)

# The parsers of core/net and of the Slack, Looker and link clients.
# Every target is smoked by `make check` through replay_main.c; libFuzzer itself is built by
#   configure CC=clang CFLAGS='-g -O1 -fsanitize=fuzzer-no-link,address' --enable-fuzzers
EXTRA_DIST += tests/fuzz/seeds/url tests/fuzz/seeds/link tests/fuzz/seeds/slack_message tests/fuzz/seeds/looker_trim
if TESTS
check_PROGRAMS += tests/fuzz/replay_url
tests_fuzz_replay_url_SOURCES = tests/fuzz/fuzz_url.c tests/fuzz/replay_main.c tests/fuzz/fuzz.h
tests_fuzz_replay_url_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_url_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_url
check_PROGRAMS += tests/fuzz/replay_link
tests_fuzz_replay_link_SOURCES = tests/fuzz/fuzz_link.c tests/fuzz/replay_main.c tests/fuzz/fuzz.h
tests_fuzz_replay_link_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_link_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_link
check_PROGRAMS += tests/fuzz/replay_slack_message
tests_fuzz_replay_slack_message_SOURCES = tests/fuzz/fuzz_slack_message.c tests/fuzz/replay_main.c tests/fuzz/fuzz.h
tests_fuzz_replay_slack_message_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_slack_message_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_slack_message
check_PROGRAMS += tests/fuzz/replay_looker_trim
tests_fuzz_replay_looker_trim_SOURCES = tests/fuzz/fuzz_looker_trim.c tests/fuzz/replay_main.c tests/fuzz/fuzz.h
tests_fuzz_replay_looker_trim_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_looker_trim_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_looker_trim
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_url
tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_url_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_url_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_url_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
noinst_PROGRAMS += tests/fuzz/fuzz_link
tests_fuzz_fuzz_link_SOURCES = tests/fuzz/fuzz_link.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_link_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_link_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_link_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
noinst_PROGRAMS += tests/fuzz/fuzz_slack_message
tests_fuzz_fuzz_slack_message_SOURCES = tests/fuzz/fuzz_slack_message.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_slack_message_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_slack_message_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_slack_message_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
noinst_PROGRAMS += tests/fuzz/fuzz_looker_trim
tests_fuzz_fuzz_looker_trim_SOURCES = tests/fuzz/fuzz_looker_trim.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_looker_trim_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_looker_trim_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_looker_trim_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
endif

# The SQL guard and the page reader of the warehouse.
EXTRA_DIST += tests/fuzz/seeds/sql_guard tests/fuzz/seeds/trino_page
if TESTS
check_PROGRAMS += tests/fuzz/replay_sql_guard
tests_fuzz_replay_sql_guard_SOURCES = tests/fuzz/fuzz_sql_guard.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_sql_guard_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_sql_guard_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_sql_guard
check_PROGRAMS += tests/fuzz/replay_trino_page
tests_fuzz_replay_trino_page_SOURCES = tests/fuzz/fuzz_trino_page.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_trino_page_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_trino_page_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_trino_page
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_sql_guard
tests_fuzz_fuzz_sql_guard_SOURCES = tests/fuzz/fuzz_sql_guard.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_sql_guard_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_sql_guard_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_sql_guard_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
noinst_PROGRAMS += tests/fuzz/fuzz_trino_page
tests_fuzz_fuzz_trino_page_SOURCES = tests/fuzz/fuzz_trino_page.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_trino_page_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_trino_page_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_trino_page_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
endif

# The old bot's file of processed messages.
EXTRA_DIST += tests/fuzz/seeds/processed
if TESTS
check_PROGRAMS += tests/fuzz/replay_processed
tests_fuzz_replay_processed_SOURCES = tests/fuzz/fuzz_processed.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_processed_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_processed_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/replay_processed
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_processed
tests_fuzz_fuzz_processed_SOURCES = tests/fuzz/fuzz_processed.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_processed_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_processed_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_processed_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS)
endif

# The filter language.
EXTRA_DIST += tests/fuzz/seeds/query
if TESTS
check_PROGRAMS += tests/fuzz/replay_query
tests_fuzz_replay_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/replay_main.c tests/fuzz/fuzz.h
tests_fuzz_replay_query_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_query_LDADD = $(LIB_BASE) $(BASE_LIBS)
TESTS += tests/fuzz/replay_query
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_query
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_query_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_query_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_query_LDADD = $(LIB_BASE) $(BASE_LIBS)
endif

# Slack's messages and differences, as the console shows them.
EXTRA_DIST += tests/fuzz/seeds/mrkdwn
if TUI
if TESTS
check_PROGRAMS += tests/fuzz/replay_mrkdwn
tests_fuzz_replay_mrkdwn_SOURCES = tests/fuzz/fuzz_mrkdwn.c tests/fuzz/replay_main.c tests/fuzz/fuzz.h
tests_fuzz_replay_mrkdwn_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_mrkdwn_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_mrkdwn
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_mrkdwn
tests_fuzz_fuzz_mrkdwn_SOURCES = tests/fuzz/fuzz_mrkdwn.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_mrkdwn_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_mrkdwn_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_mrkdwn_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
endif
endif

# Amounts, the configuration, a .env.
EXTRA_DIST += tests/fuzz/seeds/money
if TESTS
check_PROGRAMS += tests/fuzz/replay_money
tests_fuzz_replay_money_SOURCES = tests/fuzz/fuzz_money.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_money_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_money_LDADD = $(LIB_BASE) $(BASE_LIBS)
TESTS += tests/fuzz/replay_money
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_money
tests_fuzz_fuzz_money_SOURCES = tests/fuzz/fuzz_money.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_money_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_money_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_money_LDADD = $(LIB_BASE) $(BASE_LIBS)
endif
EXTRA_DIST += tests/fuzz/seeds/config
if TESTS
check_PROGRAMS += tests/fuzz/replay_config
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_config_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_config_LDADD = $(LIB_BASE) $(BASE_LIBS)
TESTS += tests/fuzz/replay_config
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_config_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_config_LDADD = $(LIB_BASE) $(BASE_LIBS)
endif
EXTRA_DIST += tests/fuzz/seeds/env
if TESTS
check_PROGRAMS += tests/fuzz/replay_env
tests_fuzz_replay_env_SOURCES = tests/fuzz/fuzz_env.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_env_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_env_LDADD = $(LIB_BASE) $(BASE_LIBS)
TESTS += tests/fuzz/replay_env
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_env
tests_fuzz_fuzz_env_SOURCES = tests/fuzz/fuzz_env.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_env_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_env_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_env_LDADD = $(LIB_BASE) $(BASE_LIBS)
endif

# A stored result, a rerun's parameters; the state's own export.
EXTRA_DIST += tests/fuzz/seeds/calc
if TESTS
check_PROGRAMS += tests/fuzz/replay_calc
tests_fuzz_replay_calc_SOURCES = tests/fuzz/fuzz_calc.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_calc_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_calc_LDADD = $(LIB_CALC) $(BASE_LIBS)
TESTS += tests/fuzz/replay_calc
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_calc
tests_fuzz_fuzz_calc_SOURCES = tests/fuzz/fuzz_calc.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_calc_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_calc_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_calc_LDADD = $(LIB_CALC) $(BASE_LIBS)
endif
EXTRA_DIST += tests/fuzz/seeds/state_import
if TESTS
check_PROGRAMS += tests/fuzz/replay_state_import
tests_fuzz_replay_state_import_SOURCES = tests/fuzz/fuzz_state_import.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_state_import_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_state_import_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/replay_state_import
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_state_import
tests_fuzz_fuzz_state_import_SOURCES = tests/fuzz/fuzz_state_import.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_state_import_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_state_import_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_state_import_LDADD = $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS)
endif

# What Slack and Looker answer: the network's place is taken.
EXTRA_DIST += tests/fuzz/seeds/slack_answer
if TESTS
check_PROGRAMS += tests/fuzz/replay_slack_answer
tests_fuzz_replay_slack_answer_SOURCES = tests/fuzz/fuzz_slack_answer.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_slack_answer_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_slack_answer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=http_send -Wl,--wrap=cancel_sleep
tests_fuzz_replay_slack_answer_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_slack_answer
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_slack_answer
tests_fuzz_fuzz_slack_answer_SOURCES = tests/fuzz/fuzz_slack_answer.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_slack_answer_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_slack_answer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer -Wl,--wrap=http_send -Wl,--wrap=cancel_sleep
tests_fuzz_fuzz_slack_answer_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
endif
EXTRA_DIST += tests/fuzz/seeds/looker_answer
if TESTS
check_PROGRAMS += tests/fuzz/replay_looker_answer
tests_fuzz_replay_looker_answer_SOURCES = tests/fuzz/fuzz_looker_answer.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_looker_answer_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_looker_answer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=http_send
tests_fuzz_replay_looker_answer_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_looker_answer
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_looker_answer
tests_fuzz_fuzz_looker_answer_SOURCES = tests/fuzz/fuzz_looker_answer.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_looker_answer_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_looker_answer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer -Wl,--wrap=http_send
tests_fuzz_fuzz_looker_answer_LDADD = $(LIB_SERVICES) $(ENGINE_LIBS)
endif

# Log lines.
EXTRA_DIST += tests/fuzz/seeds/log_record
if TESTS
check_PROGRAMS += tests/fuzz/replay_log_record
tests_fuzz_replay_log_record_SOURCES = tests/fuzz/fuzz_log_record.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_log_record_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_log_record_LDADD = core/liblogs.a $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/replay_log_record
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_log_record
tests_fuzz_fuzz_log_record_SOURCES = tests/fuzz/fuzz_log_record.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_log_record_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_log_record_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_log_record_LDADD = core/liblogs.a $(LIB_STORE) $(SQLITE_LIBS) $(BASE_LIBS)
endif

# Themes, keys, what a terminal sends.
EXTRA_DIST += tests/fuzz/seeds/theme
if TUI
if TESTS
check_PROGRAMS += tests/fuzz/replay_theme
tests_fuzz_replay_theme_SOURCES = tests/fuzz/fuzz_theme.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_theme_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_theme_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_theme
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_theme
tests_fuzz_fuzz_theme_SOURCES = tests/fuzz/fuzz_theme.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_theme_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_theme_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_theme_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
endif
endif
EXTRA_DIST += tests/fuzz/seeds/keys
if TUI
if TESTS
check_PROGRAMS += tests/fuzz/replay_keys
tests_fuzz_replay_keys_SOURCES = tests/fuzz/fuzz_keys.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_keys_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_keys_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_keys
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_keys
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz_keys.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_keys_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_keys_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_keys_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
endif
endif
EXTRA_DIST += tests/fuzz/seeds/term_input
if TUI
if TESTS
check_PROGRAMS += tests/fuzz/replay_term_input
tests_fuzz_replay_term_input_SOURCES = tests/fuzz/fuzz_term_input.c tests/fuzz/replay_main.c \
	tests/fuzz/fuzz.h
tests_fuzz_replay_term_input_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_term_input_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
TESTS += tests/fuzz/replay_term_input
endif
if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_term_input
tests_fuzz_fuzz_term_input_SOURCES = tests/fuzz/fuzz_term_input.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_term_input_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_term_input_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_term_input_LDADD = $(LIB_TUI) $(LIB_ENGINE) $(TUI_LIBS) $(ENGINE_LIBS)
endif
endif
