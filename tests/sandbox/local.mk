# tests/sandbox: the servers that the tests and the demo talk to; shares no code with core/.
if SANDBOX
pkglibexec_PROGRAMS += tests/sandbox/creditbot-sandbox
tests_sandbox_creditbot_sandbox_SOURCES = \
	tests/sandbox/control.c \
	tests/sandbox/db.c tests/sandbox/db.h \
	tests/sandbox/fault.c tests/sandbox/fault.h tests/sandbox/raw.c tests/sandbox/raw.h \
	tests/sandbox/looker.c \
	tests/sandbox/main.c \
	tests/sandbox/seed.c tests/sandbox/seed.h \
	tests/sandbox/seed_data.c \
	tests/sandbox/seed_looks.c \
	tests/sandbox/seed_messages.c \
	tests/sandbox/server.c tests/sandbox/server.h \
	tests/sandbox/slack.c tests/sandbox/slack.h \
	tests/sandbox/slack_messages.c \
	tests/sandbox/slack_people.c \
	tests/sandbox/slack_post.c \
	tests/sandbox/trino.c \
	tests/sandbox/trino_functions.c \
	tests/sandbox/trino_page.c \
	tests/sandbox/trino_query.c tests/sandbox/trino_query.h \
	tests/sandbox/trino_sql.c tests/sandbox/trino_sql.h \
	tests/sandbox/trino_token.h \
	tests/sandbox/trino_types.c
tests_sandbox_creditbot_sandbox_CPPFLAGS = $(CB_CPPFLAGS) -I$(top_builddir)
tests_sandbox_creditbot_sandbox_CFLAGS = $(CB_CFLAGS) $(GLIB_CFLAGS) $(SQLITE_CFLAGS) \
	$(CJSON_CFLAGS) $(MICROHTTPD_CFLAGS)
tests_sandbox_creditbot_sandbox_LDADD = $(MICROHTTPD_LIBS) $(SQLITE_LIBS) $(CJSON_LIBS) \
	$(GLIB_LIBS) -lm

if TESTS
check_PROGRAMS += tests/sandbox/test_sandbox
tests_sandbox_test_sandbox_SOURCES = tests/sandbox/test_sandbox.c \
	tests/sandbox/client.c tests/sandbox/client.h
tests_sandbox_test_sandbox_CPPFLAGS = $(CB_CPPFLAGS) -I$(top_builddir)
tests_sandbox_test_sandbox_CFLAGS = $(CB_CFLAGS) $(GLIB_CFLAGS) $(CJSON_CFLAGS) $(CMOCKA_CFLAGS)
tests_sandbox_test_sandbox_LDADD = $(CJSON_LIBS) $(GLIB_LIBS) $(CMOCKA_LIBS)
TESTS += tests/sandbox/test_sandbox
endif
endif
EXTRA_DIST += docs/sandbox.md
