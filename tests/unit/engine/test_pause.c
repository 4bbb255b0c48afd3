/* test_pause.c: the schedule paused by a person, for ever or for a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

#define HOUR ((gint64)3600 * G_USEC_PER_SEC)

static Event *
newest_event(Desk *desk)
{
    g_autoptr(GPtrArray) events = store_events(desk->store, 0, 0, 1, NULL);

    assert_non_null(events);
    assert_int_equal(events->len, 1);
    return g_ptr_array_steal_index(events, 0);
}

/* A pass of the schedule as far as it gets without services. */
static int
scheduled_pass(Desk *desk)
{
    PassOptions options = {.trigger = "cron"};
    g_autoptr(GError) error = NULL;
    g_autoptr(PassResult) result = desk_pass(desk, &options, NULL, &error);

    assert_null(result);
    return error->code;
}

static void
a_pause_says_who_why_and_until_when(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    g_autofree char *who = NULL;
    g_auto(PauseInfo) info = {0};

    assert_false(desk_paused(desk, NULL));
    assert_true(desk_pause(desk, "  warehouse moves ", fixture->now + 2 * HOUR, NULL));
    assert_true(desk_paused(desk, &who));
    assert_string_equal(who, "mara since 2026-09-10T00:26:40Z until 2026-09-10T02:26:40Z: "
                             "warehouse moves");
    assert_true(desk_pause_info(desk, &info));
    assert_string_equal(info.actor, "mara");
    assert_string_equal(info.reason, "warehouse moves");
    assert_int_equal(info.until, fixture->now + 2 * HOUR);
    g_autoptr(Event) event = newest_event(desk);
    assert_string_equal(event->kind, "pause");
    assert_non_null(strstr(event->detail, "warehouse moves"));
    assert_int_equal(scheduled_pass(desk), ERR_ILLEGAL);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
it_ends_by_itself_with_one_event(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");

    assert_true(desk_pause(desk, "for a while", fixture->now + HOUR, NULL));
    fixture->now += HOUR;
    assert_false(desk_paused(desk, NULL));
    assert_int_not_equal(scheduled_pass(desk), ERR_ILLEGAL);
    g_autoptr(GPtrArray) events = store_events(desk->store, 0, 0, 0, NULL);
    guint resumed = 0;
    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);
        resumed += g_str_equal(event->kind, "resume");
        if (g_str_equal(event->kind, "resume")) {
            assert_string_equal(event->actor, "creditbot");
            assert_non_null(strstr(event->detail, "\"paused_by\":\"mara\""));
        }
    }
    assert_int_equal(resumed, 1);
    assert_true(pause_end_due(desk, NULL));
    g_autoptr(GPtrArray) after = store_events(desk->store, 0, 0, 0, NULL);
    assert_int_equal(after->len, events->len);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
a_pause_wants_a_reason_and_a_time_to_come(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    g_autoptr(GError) error = NULL;

    assert_false(desk_pause(desk, "  ", 0, &error));
    assert_int_equal(error->code, ERR_USAGE);
    g_clear_error(&error);
    assert_false(desk_pause(desk, "why", fixture->now, &error));
    assert_int_equal(error->code, ERR_USAGE);
    assert_false(desk_paused(desk, NULL));
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
what_an_older_program_wrote_still_pauses(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    g_autofree char *who = NULL;

    assert_true(store_value_set(desk->store, "pause", "jonas since yesterday: disk", NULL));
    assert_true(desk_paused(desk, &who));
    assert_string_equal(who, "jonas since yesterday: disk");
    assert_true(desk_resume(desk, NULL));
    assert_false(desk_paused(desk, NULL));
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_says_who_why_and_until_when),
        cmocka_unit_test(it_ends_by_itself_with_one_event),
        cmocka_unit_test(a_pause_wants_a_reason_and_a_time_to_come),
        cmocka_unit_test(what_an_older_program_wrote_still_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
