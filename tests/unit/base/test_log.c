/* test_log.c: every sink gets the line once, and no sink ever gets a secret. */
#include "tests/unit/base/cmocka_base.h"

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT G_GINT64_CONSTANT(1789374600000000) /* 2026-09-14T08:30:00Z */

static gint64
fixed(void *data G_GNUC_UNUSED)
{
    return AT;
}

static const Clock pinned = {fixed, NULL};

typedef struct {
    Log *log;
    GString *text;
    gint64 request_id;
    int lines;
} Heard;

static void
hear(const LogLine *line, void *data)
{
    Heard *heard = data;
    g_string_append_printf(heard->text, "%s|", line->message);
    heard->request_id = line->request_id;
    heard->lines++;
    log_write(heard->log, LOG_LEVEL_ERROR, "sink", "a sink that logs must not hang");
}

static void
test_levels(void **state)
{
    (void)state;
    g_autoptr(Log) log = log_new(&pinned);
    Heard heard = {.log = log, .text = g_string_new(NULL)};
    log_to_sink(log, hear, &heard);
    log_write(log, LOG_LEVEL_DEBUG, "test", "not %d", 1);
    log_write(log, LOG_LEVEL_INFO, "test", "one %d", 1);
    log_set_level(log, LOG_TRACE);
    log_write(log, LOG_TRACE, "test", "two");
    log_set_level(log, LOG_LEVEL_ERROR);
    log_write(log, LOG_LEVEL_WARN, "test", "not");
    log_write(NULL, LOG_LEVEL_ERROR, "test", "nowhere");
    assert_string_equal(heard.text->str, "one 1|two|");
    assert_int_equal(heard.lines, 2);
    g_string_free(heard.text, TRUE);
    LogLevel level = LOG_TRACE;
    assert_true(log_level_parse("warn", &level));
    assert_int_equal(level, LOG_LEVEL_WARN);
    assert_false(log_level_parse("loud", &level));
    assert_false(log_level_parse(NULL, &level));
    assert_string_equal(log_level_name(LOG_LEVEL_DEBUG), "debug");
    assert_string_equal(log_level_name((LogLevel)77), "unknown");
}

static void
test_redaction(void **state)
{
    (void)state;
    g_autoptr(Log) log = log_new(&pinned);
    Heard heard = {.log = log, .text = g_string_new(NULL)};
    log_to_sink(log, hear, &heard);
    log_secret(log, "hunter2");
    log_secret(log, "hunter2-and-more");
    log_secret(log, "p@ss word");
    log_secret(log, "abc");
    log_secret(log, "");
    log_secret(log, NULL);
    log_write(log, LOG_LEVEL_INFO, "test", "%s %s abc q=%s", "hunter2-and-more", "xhunter2x",
              "p%40ss%20word");
    assert_string_equal(heard.text->str, "*** x***x abc q=***|");
    g_string_free(heard.text, TRUE);
    g_autofree char *clean = log_redact(log, "key hunter2");
    assert_string_equal(clean, "key ***");
    assert_null(log_redact(log, NULL));
    g_autofree char *without = log_redact(NULL, "hunter2");
    assert_string_equal(without, "hunter2");
}

static char *
formatted(const char *message, LogFormat format, gboolean colour)
{
    const LogLine line = {.at = AT,
                          .level = LOG_LEVEL_WARN,
                          .area = "slack",
                          .pass_id = 3,
                          .request_id = 1042,
                          .run_id = 2,
                          .message = message};
    return log_line_format(&line, format, colour);
}

static void
test_formats(void **state)
{
    (void)state;
    g_autofree char *text = formatted("no\nanswer \033[2J\u202E", LOG_FORMAT_TEXT, FALSE);
    assert_string_equal(text, "2026-09-14T08:30:00Z WARN  slack     #1042 run 2 no answer \uFFFD");
    g_autofree char *coloured = formatted("x", LOG_FORMAT_TEXT, TRUE);
    assert_has(coloured, "\033[33mWARN \033[0m");
    g_autofree char *raw = formatted("say \"no\"\n\033[2J\xC2\x9B", LOG_FORMAT_JSON, FALSE);
    g_autoptr(cJSON) json = json_parse(raw, strlen(raw), "log", NULL);
    assert_non_null(json);
    assert_string_equal(json_string(json, "at"), "2026-09-14T08:30:00.000000Z");
    assert_string_equal(json_string(json, "level"), "warn");
    assert_string_equal(json_string(json, "area"), "slack");
    assert_string_equal(json_string(json, "message"), "say \"no\"\n\uFFFD\uFFFD");
    assert_int_equal(json_int(json, "pass", 0), 3);
    assert_int_equal(json_int(json, "request", 0), 1042);
    assert_int_equal(json_int(json, "run", 0), 2);
    assert_null(strchr(raw, '\n'));
    assert_null(strchr(raw, '\033'));
    const LogLine bare = {.at = AT, .level = LOG_LEVEL_INFO, .area = "x", .message = "y"};
    g_autofree char *short_json = log_line_format(&bare, LOG_FORMAT_JSON, FALSE);
    assert_string_equal(short_json, "{\"at\":\"2026-09-14T08:30:00.000000Z\",\"level\":\"info\","
                                    "\"area\":\"x\",\"message\":\"y\"}");
}

static void
test_file(void **state)
{
    (void)state;
    g_autofree char *folder = g_dir_make_tmp("creditbot-log-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.log", NULL);
    g_autofree char *content = NULL;
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < 2; i++) {
        g_autoptr(Log) log = log_new(&pinned);
        log_secret(log, "hunter2");
        assert_true(log_to_file(log, path, LOG_FORMAT_JSON, NULL));
        log_write(log, LOG_LEVEL_INFO, "test", "round %d hunter2", i);
    }
    assert_true(g_file_get_contents(path, &content, NULL, NULL));
    assert_has(content, "\"round 0 ***\"}\n{");
    assert_has(content, "\"round 1 ***\"}\n");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    g_autoptr(Log) log = log_new(NULL);
    assert_false(log_to_file(log, folder, LOG_FORMAT_TEXT, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    assert_has(error->message, folder);
    g_unlink(path);
    g_rmdir(folder);
}

/* logrotate renames the file and creates a new one, or leaves that to the writer. */
static void
test_rotated(void **state)
{
    (void)state;
    g_autofree char *folder = g_dir_make_tmp("creditbot-log-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.log", NULL);
    g_autofree char *old = g_build_filename(folder, "a.log.1", NULL);
    g_autofree char *before = NULL, *after = NULL;
    g_autoptr(Log) log = log_new(&pinned);
    assert_true(log_to_file(log, path, LOG_FORMAT_TEXT, NULL));
    log_write(log, LOG_LEVEL_INFO, "test", "before");
    assert_int_equal(g_rename(path, old), 0);
    log_write(log, LOG_LEVEL_INFO, "test", "after");
    assert_int_equal(g_unlink(path), 0);
    log_write(log, LOG_LEVEL_INFO, "test", "again");
    assert_true(g_file_get_contents(old, &before, NULL, NULL));
    assert_true(g_file_get_contents(path, &after, NULL, NULL));
    assert_has(before, "before\n");
    assert_null(strstr(before, "after"));
    assert_null(strstr(after, "after"));
    assert_has(after, "again\n");
    g_unlink(path);
    g_unlink(old);
    g_rmdir(folder);
}

static gpointer
write_many(gpointer data)
{
    for (int i = 1; i <= 500; i++) {
        log_scope(0, i, 0);
        log_write(data, LOG_LEVEL_INFO, "test", "%d", i);
    }
    return NULL;
}

static void
agree(const LogLine *line, void *data)
{
    int *lines = data;
    assert_int_equal(g_ascii_strtoll(line->message, NULL, 10), line->request_id);
    (*lines)++;
}

/* The scope belongs to its thread, and lines do not mix. */
static void
test_threads(void **state)
{
    (void)state;
    g_autoptr(Log) log = log_new(NULL);
    GThread *threads[4];
    int lines = 0;
    log_to_sink(log, agree, &lines);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("log", write_many, log);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    assert_int_equal(lines, 2000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),  cmocka_unit_test(test_redaction),
        cmocka_unit_test(test_formats), cmocka_unit_test(test_file),
        cmocka_unit_test(test_rotated), cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
