/* test_correct.c: what was posted put right by a linked request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

#define USD(n) ((gint64)(n)*1000000)
#define TS     "1788999990.000100"

typedef struct {
    Fixture *fixture;
    Desk *mara, *jonas;
    gint64 id; /* posted */
} Two;

/* As if Slack had taken the post. */
static void
post(Desk *desk, gint64 id, const char *ts)
{
    g_autoptr(Request) request = desk_request(desk, id, NULL);
    g_autoptr(GError) error = NULL;

    if (!state_change(desk->store, request, STATE_POSTING, "test", "state", NULL, desk_now(desk),
                      &error))
        g_error("%s", error->message);
    request->posted_ts = g_strdup(ts);
    request->posted_at = desk_now(desk);
    if (!state_change(desk->store, request, STATE_POSTED, "test", "post", NULL, desk_now(desk),
                      &error))
        g_error("%s", error->message);
}

static void
approve_and_post(Desk *desk, gint64 id, const char *ts)
{
    g_autoptr(GError) error = NULL;

    if (!desk_approve(desk, id, 0, "checked", NULL, &error))
        g_error("%s", error->message);
    post(desk, id, ts);
}

static Two
two_new(const char *more, gint64 amount)
{
    Two two = {.fixture = fixture_new(more)};

    two.mara = fixture_desk(two.fixture, 1000, "mara");
    two.jonas = fixture_desk(two.fixture, 1001, "jonas");
    two.id = fixture_pending(two.mara, TS, amount, NULL);
    approve_and_post(two.jonas, two.id, "1789000000.000200");
    return two;
}

static void
two_free(Two *two)
{
    desk_close(two->mara);
    desk_close(two->jonas);
    fixture_free(two->fixture);
}

static gint64
correct(Desk *desk, gint64 id)
{
    g_autoptr(GError) error = NULL;
    gint64 correction = 0;

    if (!desk_correct(desk, id, "wrong month", &correction, &error))
        g_error("%s", error->message);
    return correction;
}

static void
it_is_a_linked_request_and_the_original_stays(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 id = correct(two.mara, two.id);
    g_autoptr(Request) made = desk_request(two.mara, id, NULL);
    g_autoptr(Request) original = desk_request(two.mara, two.id, NULL);

    assert_int_equal(made->corrects, two.id);
    assert_int_equal(made->state, STATE_RESOLVED);
    assert_string_equal(made->ts, original->ts);
    assert_string_equal(made->thread_ts, original->thread_ts);
    assert_string_equal(made->sql, original->sql);
    assert_int_equal(original->state, STATE_POSTED);
    assert_int_equal(original->corrected_by, 0);
    g_autoptr(Request) by_ts = store_request_by_ts(two.mara->store, "C00000001", TS, NULL);
    assert_int_equal(by_ts->id, two.id);
    two_free(&two);
}

static void
its_post_says_what_it_takes_the_place_of(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(Preview) before =
        desk_preview_amount(two.mara, two.id, USD(450), "wrong month", NULL);
    gint64 id = correct(two.mara, two.id);

    assert_non_null(strstr(before->plain,
                           "Correction: the recommended credit for acme <&> payments "
                           "is 450.00 USD, instead of 900.00 USD (2026-09-10)"));
    assert_true(desk_override(two.mara, id, USD(450), "wrong month", NULL, NULL));
    g_autoptr(Preview) preview = desk_preview(two.jonas, id, "result", 0, NULL, NULL);
    assert_non_null(strstr(preview->plain, "instead of 900.00 USD"));
    assert_true(preview->has_before);
    assert_int_equal(preview->before, USD(900));
    assert_null(preview->refusal);
    assert_null(preview->unusual ? strstr(preview->unusual, "credited before") : NULL);
    assert_null(preview->unusual ? strstr(preview->unusual, "asked twice") : NULL);
    two_free(&two);
}

static void
who_set_the_amount_does_not_approve_the_correction(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 id = correct(two.mara, two.id);

    assert_true(desk_override(two.mara, id, USD(450), "wrong month", NULL, NULL));
    assert_false(desk_approve(two.mara, id, 0, "fine", NULL, NULL));
    approve_and_post(two.jonas, id, "1789000100.000100");
    g_autoptr(Request) original = desk_request(two.mara, two.id, NULL);
    assert_int_equal(original->corrected_by, id);
    assert_int_equal(original->state, STATE_POSTED);
    assert_int_equal(original->amount, USD(900));
    two_free(&two);
}

static void
the_same_amount_corrects_nothing(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 id = correct(two.mara, two.id);
    g_autoptr(GError) error = NULL;

    assert_true(desk_override(two.mara, id, USD(450), "half", NULL, NULL));
    assert_true(desk_override(two.mara, id, USD(900), "no, as it was", NULL, NULL));
    assert_false(desk_approve(two.jonas, id, 0, "fine", NULL, &error));
    assert_non_null(strstr(error->message, "same amount"));
    two_free(&two);
}

static void
a_large_amount_that_is_taken_back_needs_two(void **unused)
{
    (void)unused;
    Two two = {.fixture = fixture_new("[approval]\nsecond_above=500")};
    two.mara = fixture_desk(two.fixture, 1000, "mara");
    two.jonas = fixture_desk(two.fixture, 1001, "jonas");
    two.id = fixture_pending(two.mara, TS, USD(900), NULL);
    assert_true(desk_approve(two.mara, two.id, 0, "first", NULL, NULL));
    approve_and_post(two.jonas, two.id, "1789000000.000200");
    gint64 id = correct(two.mara, two.id);
    Approved approved = {0};

    assert_true(desk_override(two.mara, id, USD(1), "wrong month", NULL, NULL));
    assert_true(desk_approve(two.jonas, id, 0, "fine", &approved, NULL));
    assert_int_equal(approved.need, 2);
    two_free(&two);
}

static void
only_the_newest_post_is_corrected_and_only_once_at_a_time(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 id = correct(two.mara, two.id);
    g_autoptr(GError) error = NULL;

    assert_false(desk_correct(two.jonas, two.id, "me too", NULL, &error));
    g_clear_error(&error);
    assert_false(desk_correct(two.jonas, id, "not posted", NULL, &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    g_clear_error(&error);
    assert_true(desk_override(two.mara, id, USD(450), "half", NULL, NULL));
    approve_and_post(two.jonas, id, "1789000100.000100");
    assert_false(desk_correct(two.jonas, two.id, "again", NULL, &error));
    assert_non_null(strstr(error->message, "correct that one"));
    gint64 second = correct(two.jonas, id);
    g_autoptr(Request) made = desk_request(two.jonas, second, NULL);
    assert_int_equal(made->corrects, id);
    two_free(&two);
}

static void
rejected_it_leaves_the_original_and_makes_room(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 id = correct(two.mara, two.id);

    assert_true(desk_reject(two.jonas, id, "it was right", TRUE, NULL, NULL));
    g_autoptr(GPtrArray) posts = store_posts(two.mara->store, id, NULL);
    assert_int_equal(posts->len, 0);
    g_autoptr(Request) original = desk_request(two.mara, two.id, NULL);
    assert_int_equal(original->state, STATE_POSTED);
    assert_int_equal(original->corrected_by, 0);
    assert_true(correct(two.mara, two.id) > id);
    two_free(&two);
}

static void
the_rule_never_posts_one(void **unused)
{
    (void)unused;
    Two two = two_new("[approval]\nmode=auto\nhold_unusual=false", USD(900));
    gint64 id = correct(two.mara, two.id);
    g_autofree char *why = NULL;

    assert_true(desk_override(two.mara, id, USD(450), "half", NULL, NULL));
    g_autoptr(Request) request = desk_request(two.mara, id, NULL);
    assert_true(approve_auto(two.mara, request, &why, NULL));
    assert_string_equal(why, "a correction is left to a person");
    two_free(&two);
}

/* The approval of a correction is sealed to what it corrects. */
static void
the_digest_names_the_original(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 id = correct(two.mara, two.id);
    g_autoptr(Run) run = NULL;

    assert_true(desk_override(two.mara, id, USD(450), "half", &run, NULL));
    g_autoptr(Request) request = desk_request(two.mara, id, NULL);
    g_autofree char *digest = evidence_digest(request, run);
    assert_string_equal(digest, run->digest);
    request->corrects++;
    g_autofree char *other = evidence_digest(request, run);
    assert_string_not_equal(digest, other);
    g_autoptr(GPtrArray) problems = NULL;
    assert_true(store_verify(two.mara->store, &problems, NULL));
    two_free(&two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_linked_request_and_the_original_stays),
        cmocka_unit_test(its_post_says_what_it_takes_the_place_of),
        cmocka_unit_test(who_set_the_amount_does_not_approve_the_correction),
        cmocka_unit_test(the_same_amount_corrects_nothing),
        cmocka_unit_test(a_large_amount_that_is_taken_back_needs_two),
        cmocka_unit_test(only_the_newest_post_is_corrected_and_only_once_at_a_time),
        cmocka_unit_test(rejected_it_leaves_the_original_and_makes_room),
        cmocka_unit_test(the_rule_never_posts_one),
        cmocka_unit_test(the_digest_names_the_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
