/* test_override.c: amounts set by hand: sealed, said for ever, approved by somebody else. */
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
    gint64 id;
} Two;

static Two
two_new(const char *more, gint64 amount)
{
    Two two = {.fixture = fixture_new(more)};

    two.mara = fixture_desk(two.fixture, 1000, "mara");
    two.jonas = fixture_desk(two.fixture, 1001, "jonas");
    two.id = fixture_pending(two.mara, TS, amount, NULL);
    return two;
}

static void
two_free(Two *two)
{
    desk_close(two->mara);
    desk_close(two->jonas);
    fixture_free(two->fixture);
}

static void
it_is_a_new_run_that_says_who_and_why(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(Run) run = NULL;

    assert_true(desk_override(two.mara, two.id, USD(450), " half; as agreed ", &run, NULL));
    assert_int_equal(run->number, 2);
    assert_int_equal(run->amount, USD(450));
    assert_int_equal(run->low, USD(450));
    assert_string_equal(run->calculator, "verify");
    assert_non_null(strstr(run->unusual, "amount set by hand by mara: half, as agreed"));
    assert_non_null(strstr(run->parameters, "\"reason\":\"half; as agreed\""));
    g_autofree char *words = run_override_words(run);
    assert_string_equal(words, "amount set by hand by mara: half, as agreed (900.00 calculated)");
    g_autoptr(Request) request = desk_request(two.mara, two.id, NULL);
    assert_int_equal(request->state, STATE_PENDING);
    assert_int_equal(request->amount, USD(450));
    assert_int_equal(request->run_number, 2);
    g_autoptr(Run) first = store_run_by_number(two.mara->store, two.id, 1, NULL);
    assert_int_equal(first->amount, USD(900));
    assert_null(run_override_words(first));
    g_autoptr(GPtrArray) problems = NULL;
    assert_true(store_verify(two.mara->store, &problems, NULL));
    two_free(&two);
}

static void
another_one_keeps_what_was_calculated(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(Run) run = NULL;

    assert_true(desk_override(two.mara, two.id, USD(450), "half", NULL, NULL));
    assert_true(desk_override(two.jonas, two.id, USD(500), "a bit more", &run, NULL));
    g_autofree char *words = run_override_words(run);
    assert_string_equal(words, "amount set by hand by jonas: a bit more (900.00 calculated)");
    assert_null(strstr(run->unusual, "mara"));
    assert_non_null(strstr(run->parameters, "\"before\":\"450.00\""));
    two_free(&two);
}

static void
who_set_it_never_approves_it(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(GError) error = NULL;
    g_autoptr(Desk) renamed = fixture_desk(two.fixture, 1000, "mara2");

    assert_true(desk_override(two.mara, two.id, USD(450), "half", NULL, NULL));
    assert_false(desk_approve(two.mara, two.id, 0, "fine", NULL, &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    assert_non_null(strstr(error->message, "by hand"));
    assert_false(desk_approve(renamed, two.id, 0, "fine", NULL, NULL));
    assert_true(desk_approve(two.jonas, two.id, 0, "agreed", NULL, NULL));
    g_clear_pointer(&renamed, desk_close);
    two_free(&two);
}

static void
it_voids_the_approval_of_the_old_amount(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));

    assert_true(desk_approve(two.jonas, two.id, 0, "fine", NULL, NULL));
    assert_true(desk_override(two.mara, two.id, USD(450), "half", NULL, NULL));
    g_autoptr(Request) request = desk_request(two.mara, two.id, NULL);
    assert_int_equal(request->state, STATE_PENDING);
    assert_int_equal(request->hold_until, 0);
    g_autoptr(Run) run = store_run_get(two.mara->store, request->run_id, NULL);
    gboolean suffices = TRUE;
    assert_true(approve_suffices(two.mara, request, run, &suffices, NULL, NULL));
    assert_false(suffices);
    two_free(&two);
}

static void
the_rule_leaves_it_to_a_person(void **unused)
{
    (void)unused;
    Two two = two_new("[approval]\nmode=auto\nhold_unusual=false", USD(900));
    g_autofree char *why = NULL;

    assert_true(desk_override(two.mara, two.id, USD(1), "little", NULL, NULL));
    g_autoptr(Request) request = desk_request(two.mara, two.id, NULL);
    assert_true(approve_auto(two.mara, request, &why, NULL));
    assert_string_equal(why, "its amount was set by hand");
    assert_int_equal(request->state, STATE_PENDING);
    two_free(&two);
}

static void
bounds(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    const struct {
        gint64 amount;
        const char *reason;
        int code;
    } bad[] = {
        {-1, "why", ERR_INPUT},
        {USD(900), "same", ERR_INPUT},
        {1234, "less than a cent", ERR_INPUT},
        {USD(5), "  ", ERR_USAGE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(desk_override(two.mara, two.id, bad[i].amount, bad[i].reason, NULL, &error));
        assert_int_equal(error->code, bad[i].code);
    }
    g_autoptr(GPtrArray) runs = store_runs(two.mara->store, two.id, 0, 0, NULL);
    assert_int_equal(runs->len, 1);
    two_free(&two);
}

/* The fixture's data cost twice the calculated amount. */
static void
more_than_was_spent_is_said(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(Run) run = NULL;
    g_autoptr(Preview) preview = desk_preview_amount(two.mara, two.id, USD(1801), "because", NULL);

    assert_non_null(
        strstr(preview->unusual, "more than all measured attempts cost (1,800.00 USD)"));
    assert_true(desk_override(two.mara, two.id, USD(1801), "because", &run, NULL));
    assert_non_null(strstr(run->unusual, "more than all measured attempts cost"));
    two_free(&two);
}

static void
the_preview_is_what_is_posted_and_records_nothing(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(Preview) before = desk_preview_amount(two.mara, two.id, USD(450), "half", NULL);

    assert_non_null(before);
    assert_true(before->has_before);
    assert_int_equal(before->before, USD(900));
    assert_int_equal(before->amount, USD(450));
    assert_non_null(strstr(before->plain, "The amount was set by hand."));
    assert_null(strstr(before->plain, "half"));
    assert_null(strstr(before->plain, "95%"));
    g_autoptr(GPtrArray) runs = store_runs(two.mara->store, two.id, 0, 0, NULL);
    assert_int_equal(runs->len, 1);
    assert_true(desk_override(two.mara, two.id, USD(450), "half", NULL, NULL));
    g_autoptr(Preview) after = desk_preview(two.jonas, two.id, "result", 0, NULL, NULL);
    assert_string_equal(after->plain, before->plain);
    assert_null(after->refusal);
    two_free(&two);
}

/* Counted anew after every decision, also of another day. */
static void
the_total_of_today_is_always_the_present_one(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    gint64 other = fixture_pending(two.mara, "1788999990.000200", USD(100), NULL);
    g_autoptr(Preview) none = desk_preview(two.mara, two.id, "result", 0, NULL, NULL);
    g_autoptr(Preview) again = desk_preview(two.mara, other, "result", 0, NULL, NULL);

    assert_int_equal(none->approved_today_count, 0);
    assert_int_equal(again->approved_today_count, 0);
    assert_true(desk_approve(two.mara, other, 0, "fine", NULL, NULL));
    g_autoptr(Preview) one = desk_preview(two.mara, two.id, "result", 0, NULL, NULL);
    assert_int_equal(one->approved_today_count, 1);
    assert_int_equal(one->approved_today_amount, USD(100));
    two.fixture->now += 24 * (gint64)3600 * G_USEC_PER_SEC;
    g_autoptr(Preview) tomorrow = desk_preview(two.mara, two.id, "result", 0, NULL, NULL);
    assert_int_equal(tomorrow->approved_today_count, 0);
    two_free(&two);
}

static void
only_while_it_waits_for_a_decision(void **unused)
{
    (void)unused;
    Two two = two_new(NULL, USD(900));
    g_autoptr(GError) error = NULL;

    assert_true(desk_reject(two.mara, two.id, "no fraud", FALSE, NULL, NULL));
    assert_false(desk_override(two.mara, two.id, USD(1), "why", NULL, &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    assert_false(desk_override(two.mara, 4711, USD(1), "why", NULL, NULL));
    two_free(&two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_new_run_that_says_who_and_why),
        cmocka_unit_test(another_one_keeps_what_was_calculated),
        cmocka_unit_test(who_set_it_never_approves_it),
        cmocka_unit_test(it_voids_the_approval_of_the_old_amount),
        cmocka_unit_test(the_rule_leaves_it_to_a_person),
        cmocka_unit_test(bounds),
        cmocka_unit_test(more_than_was_spent_is_said),
        cmocka_unit_test(the_preview_is_what_is_posted_and_records_nothing),
        cmocka_unit_test(the_total_of_today_is_always_the_present_one),
        cmocka_unit_test(only_while_it_waits_for_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
