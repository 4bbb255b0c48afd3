/* test_approve.c: who may approve what, and what still holds when it is posted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

#define USD(n) ((gint64)(n)*1000000)

static RequestState
state_of(Desk *desk, gint64 id)
{
    g_autoptr(Request) request = desk_request(desk, id, NULL);

    assert_non_null(request);
    return request->state;
}

static void
one_approver_suffices_below_the_line(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\nsecond_above=1000\n[posting]\nhold=10s");
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(desk, "1788999990.000100", USD(1000), NULL);
    Approved approved = {0};

    assert_true(desk_approve(desk, id, 0, "checked", &approved, NULL));
    assert_int_equal(approved.need, 1);
    assert_int_equal(approved.hold_until, fixture->now + 10 * G_USEC_PER_SEC);
    assert_int_equal(state_of(desk, id), STATE_APPROVED);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
two_different_persons_above_the_line(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\nsecond_above=1000");
    g_autoptr(Desk) mara = fixture_desk(fixture, 1000, "mara");
    g_autoptr(Desk) jonas = fixture_desk(fixture, 1001, "jonas");
    gint64 id = fixture_pending(mara, "1788999990.000100", USD(1000) + 1, NULL);
    g_autoptr(GError) error = NULL;
    Approved approved = {0};

    assert_true(desk_approve(mara, id, 0, "first", &approved, NULL));
    assert_int_equal(approved.have, 1);
    assert_int_equal(approved.need, 2);
    assert_int_equal(approved.hold_until, 0);
    assert_int_equal(state_of(mara, id), STATE_PENDING);
    assert_false(desk_approve(mara, id, 0, "again", &approved, &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    assert_true(desk_approve(jonas, id, 0, "second", &approved, NULL));
    assert_int_equal(state_of(mara, id), STATE_APPROVED);
    g_clear_pointer(&mara, desk_close);
    g_clear_pointer(&jonas, desk_close);
    fixture_free(fixture);
}

static void
only_named_approvers_and_never_the_requester(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\napprovers=mara;jonas\nslack_users=jonas=U00000009");
    g_autoptr(Desk) mara = fixture_desk(fixture, 1000, "mara");
    g_autoptr(Desk) jonas = fixture_desk(fixture, 1001, "jonas");
    g_autoptr(Desk) other = fixture_desk(fixture, 1002, "other");
    gint64 id = fixture_pending(mara, "1788999990.000100", USD(5), NULL);
    g_autoptr(GError) error = NULL;

    assert_false(desk_approve(other, id, 0, "r", NULL, &error));
    assert_non_null(strstr(error->message, "approvers"));
    g_clear_error(&error);
    assert_false(desk_approve(jonas, id, 0, "r", NULL, &error));
    assert_non_null(strstr(error->message, "asked for this credit"));
    assert_true(desk_approve(mara, id, 0, "r", NULL, NULL));
    g_clear_pointer(&mara, desk_close);
    g_clear_pointer(&jonas, desk_close);
    g_clear_pointer(&other, desk_close);
    fixture_free(fixture);
}

static void
an_approval_expires_and_its_request_waits_again(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\nexpires=1h");
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(desk, "1788999990.000100", USD(5), NULL);

    assert_true(desk_approve(desk, id, 0, "r", NULL, NULL));
    fixture->now += 3599 * (gint64)G_USEC_PER_SEC;
    assert_true(approve_expire(desk, NULL));
    assert_int_equal(state_of(desk, id), STATE_APPROVED);
    fixture->now += 2 * (gint64)G_USEC_PER_SEC;
    assert_true(approve_expire(desk, NULL));
    assert_int_equal(state_of(desk, id), STATE_PENDING);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
taken_back_within_the_hold(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(desk, "1788999990.000100", USD(5), NULL);

    assert_true(desk_approve(desk, id, 0, "r", NULL, NULL));
    assert_true(desk_take_back(desk, id, NULL));
    assert_int_equal(state_of(desk, id), STATE_PENDING);
    assert_true(desk_approve(desk, id, 0, "once more", NULL, NULL));
    assert_int_equal(state_of(desk, id), STATE_APPROVED);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

/* Of two that are needed: the first one's is theirs. */
static void
the_first_of_two_is_taken_back_by_who_gave_it(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\nsecond_above=1");
    g_autoptr(Desk) mara = fixture_desk(fixture, 71000, "mara");
    g_autoptr(Desk) ines = fixture_desk(fixture, 71002, "ines");
    gint64 id = fixture_pending(mara, "1788999990.000100", USD(5), NULL);
    g_autoptr(GError) error = NULL;
    Approved approved;

    assert_false(desk_take_back(mara, id, NULL));
    assert_true(desk_approve(mara, id, 0, "r", NULL, NULL));
    assert_false(desk_take_back(ines, id, &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    assert_non_null(strstr(error->message, "rejected"));
    assert_true(desk_take_back(mara, id, NULL));
    assert_true(desk_approve(ines, id, 0, "r", &approved, NULL));
    assert_int_equal(approved.have, 1);
    assert_int_equal(state_of(mara, id), STATE_PENDING);
    assert_true(desk_approve(mara, id, 0, "after all", &approved, NULL));
    assert_int_equal(state_of(mara, id), STATE_APPROVED);
    g_clear_pointer(&mara, desk_close);
    g_clear_pointer(&ines, desk_close);
    fixture_free(fixture);
}

static void
evidence_that_changed_cannot_be_approved_nor_posted(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(desk, "1788999990.000100", USD(5), NULL);
    g_autoptr(GError) error = NULL;

    assert_true(desk_approve(desk, id, 0, "r", NULL, NULL));
    g_autoptr(Request) request = desk_request(desk, id, NULL);
    g_free(request->text);
    request->text = g_strdup("please credit us ten times as much");
    assert_true(store_request_save(desk->store, request, NULL));
    g_autoptr(Run) run = NULL;
    assert_false(approve_still_valid(desk, request, &run, &error));
    assert_int_equal(state_of(desk, id), STATE_PENDING);
    g_clear_error(&error);
    assert_false(desk_approve(desk, id, 0, "r", NULL, &error));
    assert_int_equal(error->code, ERR_CONFLICT);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
the_rule_leaves_to_a_person_what_is_not_plain(void **unused)
{
    (void)unused;
    static const struct {
        gint64 amount;
        const char *unusual, *why;
    } cases[] = {
        {0, NULL, "zero"},
        {USD(101), NULL, "auto_limit"},
        {USD(51), NULL, "two approvers"},
        {USD(5), "new country", "unusual"},
        {USD(5), NULL, NULL},
    };
    Fixture *fixture = fixture_new("[approval]\nmode=auto\nauto_limit=100\nsecond_above=50\n"
                                   "split_window=0s");
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *ts = g_strdup_printf("1788999990.00%04" G_GSIZE_FORMAT, i + 1);
        gint64 id = fixture_pending(desk, ts, cases[i].amount, cases[i].unusual);
        g_autoptr(Request) request = desk_request(desk, id, NULL);
        g_autofree char *why = NULL;

        assert_true(approve_auto(desk, request, &why, NULL));
        assert_int_equal(state_of(desk, id), cases[i].why ? STATE_PENDING : STATE_APPROVED);
        if (cases[i].why)
            assert_non_null(strstr(why, cases[i].why));
        else
            assert_null(why);
    }
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
a_dry_run_records_no_decision(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(desk, "1788999990.000100", USD(5), NULL);
    Approved approved = {0};

    assert_true(config_set(fixture->config, "general", "dry_run", "true", NULL));
    assert_true(desk_approve(desk, id, 0, "r", &approved, NULL));
    assert_true(approved.dry_run);
    assert_true(desk_reject(desk, id, "r", FALSE, NULL, NULL));
    assert_int_equal(state_of(desk, id), STATE_PENDING);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

static void
a_preview_says_what_and_why_not(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\napprovers=jonas");
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(desk, "1788999990.000100", USD(5), NULL);
    g_autoptr(Preview) preview = desk_preview(desk, id, "result", 0, NULL, NULL);

    assert_non_null(preview);
    assert_true(preview->live);
    assert_non_null(strstr(preview->plain, "5.00 USD"));
    assert_non_null(preview->refusal);
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

/* A provider that this build lacks is said where its secret is missed. */
static void
a_secret_that_cannot_be_fetched_is_said(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[secrets]\nprovider=aws");
    g_autoptr(Desk) desk = fixture_desk(fixture, 1000, "mara");
    g_autoptr(GError) error = NULL;

    assert_null(desk_slack(desk, &error));
    assert_int_equal(error->code, ERR_CONFIG);
    assert_non_null(strstr(error->message, "provider=aws"));
    assert_non_null(strstr(error->message, "SLACK_BOT_TOKEN"));
    g_clear_pointer(&desk, desk_close);
    fixture_free(fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_approver_suffices_below_the_line),
        cmocka_unit_test(two_different_persons_above_the_line),
        cmocka_unit_test(only_named_approvers_and_never_the_requester),
        cmocka_unit_test(an_approval_expires_and_its_request_waits_again),
        cmocka_unit_test(taken_back_within_the_hold),
        cmocka_unit_test(the_first_of_two_is_taken_back_by_who_gave_it),
        cmocka_unit_test(evidence_that_changed_cannot_be_approved_nor_posted),
        cmocka_unit_test(the_rule_leaves_to_a_person_what_is_not_plain),
        cmocka_unit_test(a_dry_run_records_no_decision),
        cmocka_unit_test(a_preview_says_what_and_why_not),
        cmocka_unit_test(a_secret_that_cannot_be_fetched_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
