# tests/fuzz
# `make fuzz`: every libFuzzer target, with --enable-fuzzers.
.PHONY: fuzz
fuzz: $(noinst_PROGRAMS)

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
