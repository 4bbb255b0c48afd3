/* test_clock.c: instants and durations, both ways, against GLib's calendar as the oracle. */
#include "tests/unit/base/cmocka_base.h"

#include "base/clock.h"
#include "base/error.h"

#define SEC    ((gint64)G_USEC_PER_SEC)
#define MINUTE (60 * SEC)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static gint64
parse(const char *text)
{
    gint64 at = G_MININT64;
    g_autoptr(GError) error = NULL;
    if (!time_parse_iso(text, &at, &error))
        fail_msg("%s: %s", text, error->message);
    return at;
}

static void
test_iso(void **state)
{
    (void)state;
    gint64 at = parse("2026-09-14T08:30:00Z");
    assert_true(at == G_GINT64_CONSTANT(1789374600) * SEC);
    assert_true(parse("2026-09-14T10:30:00+02:00") == at);
    assert_true(parse("2026-09-14T05:00:00-0330") == at);
    assert_true(parse("2026-09-14 08:30") == at);
    assert_true(parse("2026-09-14t08:30:00.000001z") == at + 1);
    assert_true(parse("2026-09-14T08:30:00.1234569Z") == at + 123456);
    assert_true(parse("2026-09-14") == at - 8 * HOUR - HOUR / 2);
    assert_true(parse("1970-01-01T00:00:00Z") == 0);
    g_autofree char *plain = time_iso(at, FALSE), *fine = time_iso(at + 123456, TRUE);
    assert_string_equal(plain, "2026-09-14T08:30:00Z");
    assert_string_equal(fine, "2026-09-14T08:30:00.123456Z");
    g_autofree char *before = time_iso(-1, TRUE);
    assert_string_equal(before, "1969-12-31T23:59:59.999999Z");
}

static void
test_iso_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "2026-13-01",
        "2026-02-29",
        "2026-09-14T",
        "2026-9-14",
        "2026-09-14T25:00:00Z",
        "2026-09-14T08:60:00Z",
        "2026-09-14T08:30:00Q",
        "2026-09-14T08:30:00+25:00",
        "2026-09-14T08:30:00Zx",
        "0000-01-01",
        "2026-09-14T08:30:00.Z",
        "today",
        "2026-09-14x",
        "-026-09-14",
        " 2026-09-14",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 at = 42;
        g_autoptr(GError) error = NULL;
        if (time_parse_iso(bad[i], &at, &error))
            fail_msg("'%s' was taken for a time", bad[i]);
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
        assert_true(at == 42);
    }
    assert_false(time_parse_iso(NULL, NULL, NULL));
}

static void
test_iso_oracle(void **state)
{
    (void)state;
    guint64 seed = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        gint64 seconds = (gint64)(next_random(&seed) % 253402300800u); /* up to the year 9999 */
        g_autoptr(GDateTime) oracle = g_date_time_new_from_unix_utc(seconds);
        g_autofree char *expected = g_date_time_format(oracle, "%Y-%m-%dT%H:%M:%SZ");
        g_autofree char *ours = time_iso(seconds * SEC, FALSE);
        assert_string_equal(ours, expected);
        assert_true(parse(ours) == seconds * SEC);
    }
}

static void
test_since(void **state)
{
    (void)state;
    const gint64 now = parse("2026-09-14T08:30:00Z"), today = parse("2026-09-14");
    const struct {
        const char *words;
        gint64 at;
    } cases[] = {
        {"2d", now - 2 * DAY},
        {"3h ago", now - 3 * HOUR},
        {"since 2d", now - 2 * DAY},
        {"today", today},
        {"yesterday", today - DAY},
        {"last week", now - 7 * DAY},
        {"now", now},
        {"Since Yesterday", today - DAY},
        {"2w", now - 14 * DAY},
        {"3 hours ago", now - 3 * HOUR},
        {"90 minutes", now - HOUR - HOUR / 2},
        {"1 day ago", now - DAY},
        {" 2026-09-14 ", today},
        {"2026-09-14T08:30:00Z", now},
        {"since 2026-09-14", today},
        {"1h30m", now - HOUR - HOUR / 2},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 at = 0;
        if (!time_parse_since(cases[i].words, now, &at, NULL) || at != cases[i].at)
            fail_msg("'%s' was read wrongly", cases[i].words);
    }
    static const char *const bad[] = {"", "2", "soon", "ago", "since", "-2d", "2x", "last century"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 at = 7;
        g_autoptr(GError) error = NULL;
        if (time_parse_since(bad[i], now, &at, &error))
            fail_msg("'%s' was taken for a time", bad[i]);
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
        assert_true(at == 7);
    }
}

static void
test_duration(void **state)
{
    (void)state;
    const struct {
        const char *text;
        gint64 usec;
    } good[] = {{"1s", SEC},      {"500ms", SEC / 2},     {"10m", 600 * SEC},
                {"2h", 2 * HOUR}, {"7d", 7 * DAY},        {"1h30m", HOUR * 3 / 2},
                {"0s", 0},        {"36500d", 36500 * DAY}};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        gint64 usec = -1;
        assert_true(duration_parse(good[i].text, &usec, NULL));
        assert_true(usec == good[i].usec);
    }
    static const char *const bad[] = {"",
                                      "5",
                                      "s",
                                      "1 s",
                                      "-1s",
                                      "1x",
                                      "1.5h",
                                      "1h30",
                                      "36501d",
                                      "9223372036854775807s",
                                      "99999999999999999999d",
                                      "1H",
                                      "1s ",
                                      "٣s"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 usec = 7;
        g_autoptr(GError) error = NULL;
        if (duration_parse(bad[i], &usec, &error))
            fail_msg("'%s' was taken for a duration", bad[i]);
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
        assert_true(usec == 7);
    }
}

static void
test_duration_short(void **state)
{
    (void)state;
    const struct {
        gint64 usec;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {-5 * SEC, "0s"},
        {350 * 1000, "350ms"},
        {12 * SEC, "12s"},
        {58 * MINUTE + 59 * SEC, "58m"},
        {2 * HOUR + 14 * MINUTE, "2h14m"},
        {23 * HOUR + 59 * MINUTE, "23h59m"},
        {2 * HOUR, "2h"},
        {3 * DAY + 4 * HOUR, "3d4h"},
        {99 * DAY + 23 * HOUR, "99d23h"},
        {100 * DAY + 23 * HOUR, "100d"},
        {G_MAXINT64, "99999d"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = duration_short(cases[i].usec);
        assert_string_equal(text, cases[i].text);
        assert_true(strlen(text) <= 6);
    }
}

static void
test_slack_ts(void **state)
{
    (void)state;
    gint64 usec = 0;
    assert_true(slack_ts_parse("1512085950.000216", &usec));
    assert_true(usec == G_GINT64_CONSTANT(1512085950000216));
    g_autofree char *text = slack_ts_format(usec), *early = slack_ts_format(1);
    assert_string_equal(text, "1512085950.000216");
    assert_string_equal(early, "0000000000.000001");
    static const char *const bad[] = {"",
                                      "1512085950",
                                      "1512085950.",
                                      "1512085950.00021",
                                      "1512085950.0002166",
                                      "-1512085950.000216",
                                      ".000216",
                                      "1512085950,000216",
                                      "1512085950.000216 ",
                                      "1e9.000000",
                                      "9999999999999.000000"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        if (slack_ts_parse(bad[i], &usec))
            fail_msg("'%s' was taken for a ts", bad[i]);
    }
    assert_false(slack_ts_parse(NULL, &usec));
    guint64 seed = 3;
    for (int i = 0; i < 10000; i++) {
        gint64 at = (gint64)(next_random(&seed) % 9999999999999999u), back = -1;
        g_autofree char *ts = slack_ts_format(at);
        assert_true(slack_ts_parse(ts, &back));
        assert_true(back == at);
    }
}

static gint64
fixed(void *data)
{
    return *(gint64 *)data;
}

static void
test_clock_now(void **state)
{
    (void)state;
    gint64 at = 99;
    const Clock pinned = {fixed, &at};
    assert_true(clock_now(&pinned) == 99);
    assert_true(clock_now(NULL) > parse("2020-01-01"));
    assert_true(clock_now(&clock_system) > parse("2020-01-01"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),        cmocka_unit_test(test_iso_refused),
        cmocka_unit_test(test_iso_oracle), cmocka_unit_test(test_since),
        cmocka_unit_test(test_duration),   cmocka_unit_test(test_duration_short),
        cmocka_unit_test(test_slack_ts),   cmocka_unit_test(test_clock_now),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
