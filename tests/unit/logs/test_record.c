/* test_record.c: time, level and message in the shapes that logs have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/log.h"
#include "logs/record.h"

#define NOW  (G_GINT64_CONSTANT(1789646400) * G_USEC_PER_SEC) /* 2026-09-17T12:00:00Z */
#define NONE LOG_UNKNOWN

/* Seconds after NOW; at none G_MININT64. */
typedef struct {
    const char *line;
    double after;
    int level;
    const char *message;
} Shape;

#define TIMELESS (-1e9)

static const Shape shapes[] = {
    {"2026-09-17T12:00:00Z info  pass      #12 run 3 began", 0, LOG_LEVEL_INFO,
     "pass      #12 run 3 began"},
    {"2026-09-17T12:00:01.250Z WARN slow", 1.25, LOG_LEVEL_WARN, "slow"},
    {"2026-09-17 12:00:01,500 ERROR [main] com.example.X - no", 1.5, LOG_LEVEL_ERROR,
     "[main] com.example.X - no"},
    {"2026-09-17T14:00:02+02:00 debug: x", 2, LOG_LEVEL_DEBUG, "x"},
    {"2026-09-17 07:00:02 -0500 [Warning] y", 2, LOG_LEVEL_WARN, "y"},
    {"[2026-09-17 12:00:03 UTC] NOTICE z", 3, LOG_LEVEL_INFO, "z"},
    {"2026/09/17 12:00:03 [error] 7#7: upstream", 3, LOG_LEVEL_ERROR, "7#7: upstream"},
    {"2026-09-17T12:00:04 the error is old", 4, NONE, "the error is old"},
    {"Sep 17 12:00:05 host app[7]: said", 5, NONE, "host app[7]: said"},
    {"Sep  7 12:00:05 host app: said", 5 - 10 * 86400, NONE, "host app: said"},
    {"Dec 31 23:59:59 host app: last year", -22420801, NONE, "host app: last year"},
    {"<11>Sep 17 12:00:05 host app: grave", 5, LOG_LEVEL_ERROR, "host app: grave"},
    {"<165>1 2026-09-17T12:00:06.000003Z host app - - - ok", 6.000003, LOG_LEVEL_INFO,
     "host app - - - ok"},
    {"W0917 12:00:07.000000    12 file.cc:3] careful", 7, LOG_LEVEL_WARN, "12 file.cc:3] careful"},
    {"1789646408 seconds", 8, NONE, "seconds"},
    {"1789646408.5 fraction", 8.5, NONE, "fraction"},
    {"1789646409123 millis", 9.123, NONE, "millis"},
    {"10.0.0.1 - - [17/Sep/2026:12:00:10 +0000] \"GET / HTTP/1.1\" 200 1", 10, NONE, NULL},
    {"time=\"2026-09-17T12:00:11Z\" level=error msg=\"x\"", 11, LOG_LEVEL_ERROR, NULL},
    {"{\"ts\":1789646412.5,\"level\":\"warn\",\"msg\":\"m\"}", 12.5, LOG_LEVEL_WARN, NULL},
    {"{\"level\":50,\"time\":1789646413000,\"msg\":\"m\"}", 13, LOG_LEVEL_ERROR, NULL},
    {"ERROR:root:no time", TIMELESS, LOG_LEVEL_ERROR, NULL},
    {"    at com.example.Error(X.java:1)", TIMELESS, NONE, NULL},
    {"2026-13-17T12:00:00Z no month", TIMELESS, NONE, NULL},
    {"1234567890123456789 too long", TIMELESS, NONE, NULL},
    {"", TIMELESS, NONE, NULL},
    {"{", TIMELESS, NONE, NULL},
    {"{\"a\":", TIMELESS, NONE, NULL},
    {"<999>", TIMELESS, NONE, NULL},
};

static void
test_shapes(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const Shape *shape = &shapes[i];
        g_autofree char *line = g_strdup(shape->line); /* exact, so that a read beyond is seen */
        LogRecord record = {.text = line, .len = strlen(line)};
        log_record_read(&record, NOW);
        gint64 at = shape->after <= TIMELESS ? 0 : NOW + (gint64)(shape->after * 1e6);
        if (record.at != at || record.level != shape->level)
            print_error("%s\n", line);
        assert_int_equal(record.at, at);
        assert_int_equal(record.level, shape->level);
        if (shape->message)
            assert_string_equal(line + record.message, shape->message);
    }
}

static void
test_ids(void **state)
{
    (void)state;
    const char line[] = "2026-09-17T12:00:00Z info  pass      #12 run 3 began";
    LogRecord record = {.text = line, .len = sizeof line - 1};
    log_record_read(&record, NOW);
    assert_int_equal(record.request, 12);
    assert_int_equal(record.run, 3);
}

static void
test_json(void **state)
{
    (void)state;
    const char line[] =
        "{\"at\":\"2026-09-17T12:00:00.000000Z\",\"x\":{\"level\":\"error\",\"y\":[1]},"
        "\"level\":\"info\",\"area\":\"slack\",\"pass\":4,\"request\":7,"
        "\"message\":\"a \\\"b\\\" \\u00e9\\ud83d\\ude00\\n\"}";
    LogRecord record = {.text = line, .len = sizeof line - 1};
    g_autofree char *area = NULL, *message = NULL;
    log_record_read(&record, NOW);
    assert_true(record.flags & LOG_JSON);
    assert_int_equal(record.level, LOG_LEVEL_INFO); /* not the one inside */
    assert_int_equal(record.at, NOW);
    assert_int_equal(record.pass, 4);
    assert_int_equal(record.request, 7);
    assert_true(log_json_read(&record, &area, &message));
    assert_string_equal(area, "slack");
    assert_string_equal(message, "a \"b\" \303\251\360\237\230\200\n");
    /* A number ends where its line does, and is no debt. */
    const char cut[] = "{\"run\":-5,\"level\":30,\"request\":1999";
    LogRecord piece = {.text = cut, .len = sizeof cut - 4};
    log_record_read(&piece, NOW);
    assert_int_equal(piece.request, 1);
    assert_int_equal(piece.run, 0);
    assert_int_equal(piece.level, LOG_LEVEL_INFO);
}

/* Whatever the bytes are, nothing beyond them is read. */
static void
test_junk(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(3);
    for (int round = 0; round < 20000; round++) {
        gsize len = (gsize)g_rand_int_range(random, 0, 40);
        const char *seed = shapes[g_rand_int_range(random, 0, G_N_ELEMENTS(shapes))].line;
        g_autofree char *line = g_malloc(len + 1);
        for (gsize i = 0; i < len; i++)
            line[i] = i < strlen(seed) && g_rand_int_range(random, 0, 12)
                          ? seed[i]
                          : (char)g_rand_int_range(random, 0, 256);
        char *exact = g_memdup2(line, MAX(len, 1));
        LogRecord record = {.text = exact, .len = len};
        log_record_read(&record, NOW);
        assert_true(record.message <= len);
        g_free(exact);
    }
    g_rand_free(random);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_junk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
