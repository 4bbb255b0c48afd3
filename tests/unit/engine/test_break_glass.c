/* test_break_glass.c: one who decides alone where several must, and who looks at it afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "office.h"

#define GLASS TIERS "[approval]\nbreak_glass=mara;seniors\n"

static gboolean
breaks(Desk *desk, gint64 id, const char *reason, GError **error)
{
    const ApproveHow how = {.reason = reason, .break_glass = TRUE};

    return desk_approve_as(desk, id, &how, NULL, error);
}

static void
cannot_break(Desk *desk, gint64 id, const char *reason, const char *word)
{
    g_autoptr(GError) error = NULL;

    assert_false(breaks(desk, id, reason, &error));
    if (!strstr(error->message, word))
        fail_msg("'%s' does not say '%s'", error->message, word);
}

static void
one_alone_in_an_emergency(void **unused)
{
    (void)unused;
    Office office = office_new(GLASS);
    gint64 id = office_pending(&office, 1, USD(5000));
    g_autoptr(Preview) preview = desk_preview(office.mara, id, "break-glass", 0, LONG_WHY, NULL);

    assert_true(preview->break_glass);
    assert_non_null(strstr(preview->text, "Approved alone by mara (break-glass): " LONG_WHY));
    cannot_break(office.mara, id, "hurry", "15 characters");
    cannot_break(office.jonas, id, LONG_WHY, "break_glass");
    assert_true(breaks(office.mara, id, LONG_WHY, NULL));
    assert_int_equal(office_state(&office, id), STATE_APPROVED);
    office_would_post(&office, id);
    g_autoptr(Request) request = desk_request(office.mara, id, NULL);
    assert_true(request_is_broken(request));
    g_autoptr(cJSON) json = request_to_json(request);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "break_glass")));
    g_autoptr(GPtrArray) events = store_events(office.mara->store, id, 0, 1, NULL);
    assert_string_equal(((Event *)g_ptr_array_index(events, 0))->kind, "break-glass");
    g_autoptr(Preview) after = desk_preview(office.jonas, id, "result", 0, NULL, NULL);
    assert_non_null(strstr(after->plain, "Approved alone by mara"));
    office_free(&office);
}

static void
who_approved_as_one_of_several_may_break_the_glass(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\ntiers=5:3\nbreak_glass=mara\nsplit_window=0s\n"
                               "daily_limit=60");
    gint64 id = office_pending(&office, 1, USD(50));

    office_approves(office.jonas, id);
    office_approves(office.mara, id);
    cannot_break(office.mara, id, "short", "15");
    assert_true(breaks(office.mara, id, LONG_WHY, NULL));
    assert_int_equal(office_state(&office, id), STATE_APPROVED);
    g_autoptr(Request) request = desk_request(office.mara, id, NULL);
    assert_int_equal(request->approvals, 2);
    office_would_post(&office, id);
    office_free(&office);
}

static void
glass_that_need_not_be_broken_stays_whole(void **unused)
{
    (void)unused;
    Office office = office_new(GLASS);
    gint64 small = office_pending(&office, 1, USD(50)),
           large = office_pending(&office, 2, USD(600));

    cannot_break(office.mara, small, LONG_WHY, "nobody else is missing");
    office_approves(office.jonas, large);
    cannot_break(office.mara, large, LONG_WHY, "nobody else is missing");
    office_free(&office);
}

static void
breaking_the_glass_stands_for_missing_persons_only(void **unused)
{
    (void)unused;
    Office office = office_new(GLASS "slack_users=ines=U00000009\nrun_max_age=1h\n");
    gint64 id = office_pending(&office, 1, USD(5000));

    cannot_break(office.ines, id, LONG_WHY, "asked for this credit");
    assert_true(desk_override(office.mara, id, USD(6000), "more", NULL, NULL));
    cannot_break(office.mara, id, LONG_WHY, "set this amount by hand");
    gint64 old = office_pending(&office, 2, USD(5000));
    office.fixture->now += 2 * 60 * MINUTE;
    cannot_break(office.mara, old, LONG_WHY, "rerun it first");
    office_free(&office);
}

static void
broken_glass_is_void_when_the_right_is_gone(void **unused)
{
    (void)unused;
    Office office = office_new(GLASS);
    gint64 id = office_pending(&office, 1, USD(5000));

    assert_true(breaks(office.mara, id, LONG_WHY, NULL));
    assert_true(config_set(office.fixture->config, "approval", "break_glass", "ines", NULL));
    office_posts_not(&office, id, "break_glass");
    g_autoptr(Request) request = desk_request(office.mara, id, NULL);
    assert_false(request_is_broken(request));
    office_free(&office);
}

static void
nobody_breaks_glass_that_is_not_configured(void **unused)
{
    (void)unused;
    Office office = office_new(TIERS);
    gint64 id = office_pending(&office, 1, USD(5000));

    cannot_break(office.mara, id, LONG_WHY, "break_glass is not set");
    office_free(&office);
}

static void
a_signature_breaks_no_glass(void **unused)
{
    (void)unused;
    Office office = office_new(GLASS);
    gint64 id = office_pending(&office, 1, USD(5000));
    const ApproveHow how = {.reason = LONG_WHY, .break_glass = TRUE, .signature = "x"};
    g_autoptr(GError) error = NULL;

    assert_false(desk_approve_as(office.mara, id, &how, NULL, &error));
    assert_int_equal(error->code, ERR_USAGE);
    office_free(&office);
}

static void
another_person_reviews_it_once(void **unused)
{
    (void)unused;
    Office office = office_new(GLASS);
    gint64 id = office_pending(&office, 1, USD(5000));
    g_autoptr(GError) error = NULL;

    assert_false(desk_review(office.jonas, id, "fine", &error));
    assert_int_equal(error->code, ERR_NOT_FOUND);
    g_clear_error(&error);
    assert_true(breaks(office.mara, id, LONG_WHY, NULL));
    assert_false(desk_review(office.mara, id, "fine", &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    g_clear_error(&error);
    assert_false(desk_review(office.jonas, id, " ", &error));
    assert_int_equal(error->code, ERR_USAGE);
    g_clear_error(&error);
    assert_true(desk_review(office.jonas, id, "it was right", NULL));
    g_autoptr(GPtrArray) open = store_break_glass(office.mara->store, TRUE, NULL);
    assert_int_equal(open->len, 0);
    g_autoptr(GPtrArray) events = store_events(office.mara->store, id, 0, 1, NULL);
    assert_string_equal(((Event *)g_ptr_array_index(events, 0))->kind, "review");
    assert_false(desk_review(office.jonas, id, "again", NULL));
    office_free(&office);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone_in_an_emergency),
        cmocka_unit_test(who_approved_as_one_of_several_may_break_the_glass),
        cmocka_unit_test(glass_that_need_not_be_broken_stays_whole),
        cmocka_unit_test(breaking_the_glass_stands_for_missing_persons_only),
        cmocka_unit_test(broken_glass_is_void_when_the_right_is_gone),
        cmocka_unit_test(nobody_breaks_glass_that_is_not_configured),
        cmocka_unit_test(a_signature_breaks_no_glass),
        cmocka_unit_test(another_person_reviews_it_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
