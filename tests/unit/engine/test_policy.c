/* test_policy.c: how many approve and who: tiers, groups, persons, split requests, stale evidence
 * and the daily limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "engine/person.h"
#include "office.h"

/* The fixture's newest day is 2026-09-30, some weeks after its clock. */
static gint64
end_of_data(void)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) end = g_date_time_new(utc, 2026, 10, 1, 0, 0, 0);

    return g_date_time_to_unix(end) * G_USEC_PER_SEC;
}

/* -- the configuration -- */

static void
what_can_never_be_met_names_its_key(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *words[3];
    } cases[] = {
        {"[approval]\ntiers=500", {"[approval] tiers", "test:2", "'500'"}},
        {"[approval]\ntiers=500:0", {"[approval] tiers", "'0'"}},
        {"[approval]\ntiers=500:x", {"[approval] tiers", "'x'"}},
        {"[approval]\ntiers=500:10", {"[approval] tiers", "1 to 9"}},
        {"[approval]\ntiers=-5:2", {"[approval] tiers", "negative"}},
        {"[approval]\ntiers=five:2", {"[approval] tiers", "five"}},
        {"[approval]\ntiers=500:2;100:3", {"[approval] tiers", "out of order"}},
        {"[approval]\ntiers=500:2;500:3", {"[approval] tiers", "out of order"}},
        {"[approval]\ntiers=500:3;5000:2", {"[approval] tiers", "fewer"}},
        {"[approval]\ntiers=500:2:seniors", {"[approval] tiers", "no group 'seniors'"}},
        {"[approval]\ntiers=500:2:a;900:3\n[group.a]\nmembers=ines", {"names no group"}},
        {"[group.seniors]\nmembers=", {"[group.seniors] members", "no members"}},
        {"[approval]\ntiers=500:3\napprovers=mara;ines", {"[approval] tiers", "3 approvers"}},
        {"[approval]\nsecond_above=5\napprovers=mara", {"[approval] second_above", "1 person;"}},
        {"[approval]\nsecond_above=5\napprovers=mara;mara-adm\nslack_users=mara=U1;mara-adm=U1",
         {"second_above", "1 person;"}},
        {"[approval]\ntiers=5:2:s\napprovers=mara;jonas\n[group.s]\nmembers=ines",
         {"[approval] tiers", "[group.s]", "approvers"}},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Config) config = config_parse(cases[i].text, "test", NULL, NULL);
        g_autoptr(GError) error = NULL;

        assert_non_null(config);
        assert_false(policy_check(config, &error));
        assert_int_equal(error->code, ERR_CONFIG);
        for (gsize j = 0; j < G_N_ELEMENTS(cases[i].words) && cases[i].words[j]; j++)
            if (!strstr(error->message, cases[i].words[j]))
                fail_msg("'%s' does not say '%s'", error->message, cases[i].words[j]);
    }
}

static void
a_desk_does_not_open_over_such_a_configuration(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new("[approval]\ntiers=500:2:nobody");
    DeskOptions options = {.config = fixture->config, .uid = 71000, .actor = "mara"};
    g_autoptr(GError) error = NULL;

    assert_null(desk_open(&options, &error));
    assert_int_equal(error->code, ERR_CONFIG);
    fixture_free(fixture);
}

static void
what_can_be_met_is_said_in_words(void **unused)
{
    (void)unused;
    g_autoptr(Config) config =
        config_parse("[approval]\nsecond_above=100\ntiers=500:3;5000:3:seniors\n"
                     "[group.seniors]\nmembers=ines;juri",
                     "test", NULL, NULL);

    assert_true(policy_check(config, NULL));
    g_autofree char *words = policy_words(config);
    assert_string_equal(words, "one approves; above 100.00 two approve; from 500.00 three approve; "
                               "from 5,000.00 three approve, one of seniors (ines or juri)");
}

/* -- tiers -- */

static void
a_tier_begins_with_its_amount(void **unused)
{
    (void)unused;
    static const struct {
        gint64 amount, need;
        const char *group;
    } cases[] = {
        {USD(500) - 1, 1, NULL},        {USD(500), 2, NULL},
        {USD(5000) - 1, 2, NULL},       {USD(5000), 2, "seniors"},
        {G_MAXINT64 / 4, 2, "seniors"},
    };
    Office office = office_new(TIERS);

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 id = office_pending(&office, i + 1, cases[i].amount);
        g_autoptr(Request) request = desk_request(office.mara, id, NULL);
        g_autoptr(Run) run = store_run_get(office.mara->store, request->run_id, NULL);
        g_auto(Policy) policy = {0};

        assert_true(policy_of(office.mara, request, run, &policy, NULL));
        assert_int_equal(policy.need, cases[i].need);
        assert_string_equal(policy.group ? policy.group : "-",
                            cases[i].group ? cases[i].group : "-");
    }
    office_free(&office);
}

static void
one_of_the_group_must_be_among_them(void **unused)
{
    (void)unused;
    Office office = office_new(TIERS);
    gint64 id = office_pending(&office, 1, USD(5000));

    office_approves(office.mara, id);
    g_autoptr(Preview) preview = desk_preview(office.jonas, id, "result", 0, NULL, NULL);
    assert_string_equal(preview->tier, "from 5,000.00 USD two approve, one of seniors");
    assert_string_equal(preview->need_group, "seniors");
    assert_string_equal(preview->who, "ines");
    assert_non_null(strstr(preview->approvals, "mara"));
    assert_int_equal(preview->have, 1);
    assert_int_equal(preview->need, 2);
    office_refuses(office.jonas, id, "not of seniors");
    office_approves(office.ines, id);
    assert_int_equal(office_state(&office, id), STATE_APPROVED);
    office_would_post(&office, id);
    office_free(&office);
}

static void
the_group_may_come_first(void **unused)
{
    (void)unused;
    Office office = office_new(TIERS);
    gint64 id = office_pending(&office, 1, USD(5000));

    office_approves(office.ines, id);
    assert_int_equal(office_state(&office, id), STATE_PENDING);
    office_approves(office.jonas, id);
    assert_int_equal(office_state(&office, id), STATE_APPROVED);
    office_free(&office);
}

static void
second_above_stays_strict(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\nsecond_above=500\nsplit_window=0s");
    gint64 on = office_pending(&office, 1, USD(500)),
           above = office_pending(&office, 2, USD(500) + 1);

    office_approves(office.mara, on);
    assert_int_equal(office_state(&office, on), STATE_APPROVED);
    office_approves(office.mara, above);
    assert_int_equal(office_state(&office, above), STATE_PENDING);
    office_free(&office);
}

/* -- persons -- */

static void
two_logins_of_one_human_are_one_person(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\ntiers=5:2\nsplit_window=0s\n"
                               "slack_users=mara=U1;jonas=U1;ines=U3");
    gint64 id = office_pending(&office, 1, USD(50));
    g_autofree char *person = person_of_login(office.fixture->config, "jonas");

    assert_string_equal(person, "mara");
    office_approves(office.mara, id);
    office_refuses(office.jonas, id, "another person");
    office_approves(office.ines, id);
    assert_int_equal(office_state(&office, id), STATE_APPROVED);
    office_free(&office);
}

static void
a_second_name_of_a_uid_is_the_same_person(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\ntiers=5:2\nsplit_window=0s");
    gint64 id = office_pending(&office, 1, USD(50));
    g_autoptr(Desk) renamed = fixture_desk(office.fixture, 71000, "root-of-mara");

    office_approves(office.mara, id);
    office_refuses(renamed, id, "another person");
    g_clear_pointer(&renamed, desk_close);
    office_free(&office);
}

static void
the_environment_names_nobody(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    static const char *const names[] = {"USER", "LOGNAME", "HOME", "USERNAME"};
    DeskOptions options = {.config = fixture->config, .clock = &fixture->clock, .uid = -1};

    g_autoptr(Desk) before = desk_open(&options, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        assert_true(g_setenv(names[i], "somebody-else", TRUE));
    g_autoptr(Desk) desk = desk_open(&options, NULL);
    assert_string_equal(desk_actor(desk), desk_actor(before));
    g_clear_pointer(&desk, desk_close);
    g_clear_pointer(&before, desk_close);
    fixture_free(fixture);
}

static void
what_changes_before_the_post_takes_the_approval_away(void **unused)
{
    (void)unused;
    static const struct {
        const char *section, *key, *value, *word;
        gint64 amount;
    } cases[] = {
        {"approval", "approvers", "mara;juri", "approvers", USD(5000)},
        {"approval", "approvers", "ines;lena", "approvers", USD(5000)},
        {"approval", "slack_users", "mara=U00000009", "asked for this credit", USD(5000)},
        {"approval", "slack_users", "mara=U1;ines=U1", "once only", USD(5000)},
        {"group.seniors", "members", "lena", "no longer suffices", USD(5000)},
        {"approval", "tiers", "500:3;5000:3:seniors", "no longer suffices", USD(5000)},
        {"approval", "run_max_age", "1s", "rerun it first", USD(5000)},
        {"approval", "data_max_age", "1s", "rerun it first", USD(5000)},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Office office = office_new("[approval]\ntiers=500:2;5000:2:seniors\nsplit_window=0s\n"
                                   "[group.seniors]\nmembers=ines;juri\n");
        office.fixture->now = end_of_data();
        gint64 id = office_pending(&office, 1, cases[i].amount);

        office_approves(office.mara, id);
        office_approves(office.ines, id);
        assert_int_equal(office_state(&office, id), STATE_APPROVED);
        office.fixture->now += 2 * (gint64)G_USEC_PER_SEC;
        office_would_post(&office, id);
        assert_true(config_set(office.fixture->config, cases[i].section, cases[i].key,
                               cases[i].value, NULL));
        office_posts_not(&office, id, cases[i].word);
        office_free(&office);
    }
}

static void
a_configuration_that_cannot_be_met_posts_nothing(void **unused)
{
    (void)unused;
    Office office = office_new(TIERS);
    gint64 id = office_pending(&office, 1, USD(5));
    g_autoptr(GError) error = NULL;
    g_autoptr(Run) run = NULL;

    office_approves(office.mara, id);
    assert_true(config_set(office.fixture->config, "approval", "tiers", "5:2:none", NULL));
    g_autoptr(Request) request = desk_request(office.mara, id, NULL);
    assert_false(approve_still_valid(office.mara, request, &run, &error));
    assert_int_equal(error->code, ERR_CONFIG);
    office_free(&office);
}

static void
the_rule_is_asked_again_before_the_post(void **unused)
{
    (void)unused;
    static const char *const changes[][3] = {
        {"mode", "required", "mode is not auto"},
        {"auto_limit", "1", "auto_limit"},
        {"tiers", "5:2", "two approvers"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        Office office = office_new("[approval]\nmode=auto\n");
        gint64 id = office_pending(&office, 1, USD(50));
        g_autoptr(Request) request = desk_request(office.mara, id, NULL);
        g_autofree char *why = NULL;

        assert_true(approve_auto(office.mara, request, &why, NULL));
        assert_null(why);
        office_would_post(&office, id);
        assert_true(
            config_set(office.fixture->config, "approval", changes[i][0], changes[i][1], NULL));
        office_posts_not(&office, id, changes[i][2]);
        office_free(&office);
    }
}

/* -- split requests -- */

#define SPLIT "[approval]\ntiers=500:2;5000:3\nsplit_window=1d\n"

static void
small_ones_of_one_customer_count_together(void **unused)
{
    (void)unused;
    Office office = office_new(SPLIT);
    gint64 first = office_pending(&office, 1, USD(300)),
           second = office_pending(&office, 2, USD(200));
    g_autoptr(Preview) preview = desk_preview(office.mara, second, "result", 0, NULL, NULL);
    g_autofree char *id = g_strdup_printf("with %" G_GINT64_FORMAT " ", first);

    assert_int_equal(preview->need, 2);
    assert_non_null(strstr(preview->split, id));
    assert_non_null(strstr(preview->split, "500.00 USD"));
    office_approves(office.mara, second);
    assert_int_equal(office_state(&office, second), STATE_PENDING);
    office_free(&office);
}

static void
a_later_one_raises_what_is_not_posted_yet(void **unused)
{
    (void)unused;
    Office office = office_new(SPLIT);
    gint64 first = office_pending(&office, 1, USD(300));

    office_approves(office.mara, first);
    assert_int_equal(office_state(&office, first), STATE_APPROVED);
    office_would_post(&office, first);
    office_pending(&office, 2, USD(300));
    office_posts_not(&office, first, "split requests");
    office_approves(office.mara, first);
    assert_int_equal(office_state(&office, first), STATE_PENDING);
    office_approves(office.jonas, first);
    office_would_post(&office, first);
    office_free(&office);
}

static void
a_pass_finds_them_too(void **unused)
{
    (void)unused;
    Office office = office_new(SPLIT);
    gint64 first = office_pending(&office, 1, USD(300));

    office_approves(office.mara, first);
    office_pending(&office, 2, USD(300));
    assert_true(approve_expire(office.mara, NULL));
    g_autoptr(Request) request = desk_request(office.mara, first, NULL);
    assert_int_equal(request->state, STATE_PENDING);
    assert_non_null(strstr(request->note, "split requests"));
    office_free(&office);
}

static void
neither_old_nor_rejected_ones_count(void **unused)
{
    (void)unused;
    Office office = office_new(SPLIT);
    gint64 first = office_pending(&office, 1, USD(300)),
           second = office_pending(&office, 2, USD(300));

    assert_true(desk_reject(office.mara, first, "no", FALSE, NULL, NULL));
    office_approves(office.mara, second);
    assert_int_equal(office_state(&office, second), STATE_APPROVED);
    office.fixture->now += DAY + 1;
    gint64 later = office_pending(&office, 3, USD(300));
    office_approves(office.mara, later);
    assert_int_equal(office_state(&office, later), STATE_APPROVED);
    office.fixture->now -= 1;
    gint64 nearer = office_pending(&office, 4, USD(100));
    office_approves(office.mara, nearer);
    assert_int_equal(office_state(&office, nearer), STATE_PENDING);
    office_free(&office);
}

static void
a_customer_in_other_letters_is_the_same_one(void **unused)
{
    (void)unused;
    Office office = office_new(SPLIT);
    gint64 first = office_pending(&office, 1, USD(300)),
           second = office_pending(&office, 2, USD(200));
    g_autoptr(Request) request = desk_request(office.mara, first, NULL);
    g_autoptr(Run) run = store_run_get(office.mara->store, request->run_id, NULL);
    g_autofree char *loud = g_ascii_strup(run->customer, -1);

    assert_string_not_equal(loud, run->customer);
    g_free(request->link_ref);
    request->link_ref = g_strdup("2");
    g_free(request->customer);
    request->customer = g_strconcat(" ", loud, " ", NULL);
    assert_true(store_request_save(office.mara->store, request, NULL));
    office_approves(office.mara, second);
    assert_int_equal(office_state(&office, second), STATE_PENDING);
    office_free(&office);
}

static void
the_rule_counts_them_against_its_limit(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\nmode=auto\nauto_limit=400\n");
    office_pending(&office, 1, USD(300));
    gint64 second = office_pending(&office, 2, USD(300));
    g_autoptr(Request) request = desk_request(office.mara, second, NULL);
    g_autofree char *why = NULL;

    assert_true(approve_auto(office.mara, request, &why, NULL));
    assert_non_null(strstr(why, "auto_limit together with"));
    office_free(&office);
}

static void
sums_beyond_all_numbers_are_large(void **unused)
{
    (void)unused;
    assert_int_equal(split_add(G_MAXINT64, 1), G_MAXINT64);
    assert_int_equal(split_add(2, 3), 5);
}

/* -- a day's limit -- */

static void
a_day_has_a_limit_for_each_person(void **unused)
{
    (void)unused;
    Office office =
        office_new("[approval]\nsplit_window=0s\ndaily_limit=1000\napprovers=mara;ines");
    gint64 first = office_pending(&office, 1, USD(600)),
           second = office_pending(&office, 2, USD(400)),
           third = office_pending(&office, 3, USD(1));

    office_approves(office.mara, first);
    office_approves(office.mara, second);
    office_refuses(office.mara, third, "daily_limit");
    office_refuses(office.mara, third, "1,000.00");
    office_refuses(office.mara, third, "ines");
    g_autoptr(Preview) preview = desk_preview(office.mara, third, "result", 0, NULL, NULL);
    assert_non_null(strstr(preview->refusal, "daily_limit"));
    assert_int_equal(preview->today_limit, USD(1000));
    assert_int_equal(preview->approved_today_amount, USD(1000));
    office_approves(office.ines, third);
    gint64 fourth = office_pending(&office, 4, USD(300));
    office.fixture->now += DAY;
    office_approves(office.mara, fourth);
    office_free(&office);
}

static void
what_was_asked_long_ago_counts_today(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\nsplit_window=0s\ndaily_limit=1000");
    gint64 old = office_pending(&office, 1, USD(900));

    office.fixture->now += 90 * DAY;
    gint64 fresh = office_pending(&office, 2, USD(200));
    office_approves(office.mara, old);
    office_refuses(office.mara, fresh, "daily_limit");
    assert_true(desk_take_back(office.mara, old, NULL));
    office_approves(office.mara, fresh);
    office_free(&office);
}

/* -- stale evidence -- */

static void
an_old_run_is_rerun_first(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\nrun_max_age=1h");
    gint64 id = office_pending(&office, 1, USD(5));

    office.fixture->now += 60 * MINUTE;
    g_autoptr(Preview) fresh = desk_preview(office.mara, id, "result", 0, NULL, NULL);
    assert_null(fresh->stale);
    office.fixture->now += 1;
    g_autoptr(Preview) stale = desk_preview(office.mara, id, "result", 0, NULL, NULL);
    assert_non_null(strstr(stale->stale, "rerun it first"));
    assert_string_equal(stale->refusal, stale->stale);
    office_refuses(office.mara, id, "rerun it first");
    office_free(&office);
}

static void
an_amount_set_by_hand_makes_a_run_no_younger(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\nrun_max_age=1h");
    gint64 id = office_pending(&office, 1, USD(5));

    office.fixture->now += 61 * MINUTE;
    assert_true(desk_override(office.mara, id, USD(4), "less", NULL, NULL));
    office_refuses(office.jonas, id, "rerun it first");
    assert_true(desk_override(office.jonas, id, USD(3), "even less", NULL, NULL));
    office_refuses(office.mara, id, "rerun it first");
    office_free(&office);
}

static void
old_data_is_not_approved(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\ndata_max_age=3d\n");
    gint64 id = office_pending(&office, 1, USD(5));

    office.fixture->now = end_of_data() + 3 * DAY;
    g_autoptr(Preview) fresh = desk_preview(office.mara, id, "result", 0, NULL, NULL);
    assert_null(fresh->stale);
    office.fixture->now += 1;
    office_refuses(office.mara, id, "data_max_age");
    office_free(&office);
}

static void
the_rule_leaves_stale_evidence_to_a_person(void **unused)
{
    (void)unused;
    Office office = office_new("[approval]\nmode=auto\nrun_max_age=1h");
    gint64 id = office_pending(&office, 1, USD(5));
    g_autoptr(Request) request = desk_request(office.mara, id, NULL);
    g_autofree char *why = NULL;

    office.fixture->now += 61 * MINUTE;
    assert_true(approve_auto(office.mara, request, &why, NULL));
    assert_non_null(strstr(why, "stale"));
    office_free(&office);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_never_be_met_names_its_key),
        cmocka_unit_test(a_desk_does_not_open_over_such_a_configuration),
        cmocka_unit_test(what_can_be_met_is_said_in_words),
        cmocka_unit_test(a_tier_begins_with_its_amount),
        cmocka_unit_test(one_of_the_group_must_be_among_them),
        cmocka_unit_test(the_group_may_come_first),
        cmocka_unit_test(second_above_stays_strict),
        cmocka_unit_test(two_logins_of_one_human_are_one_person),
        cmocka_unit_test(a_second_name_of_a_uid_is_the_same_person),
        cmocka_unit_test(the_environment_names_nobody),
        cmocka_unit_test(what_changes_before_the_post_takes_the_approval_away),
        cmocka_unit_test(a_configuration_that_cannot_be_met_posts_nothing),
        cmocka_unit_test(the_rule_is_asked_again_before_the_post),
        cmocka_unit_test(small_ones_of_one_customer_count_together),
        cmocka_unit_test(a_later_one_raises_what_is_not_posted_yet),
        cmocka_unit_test(a_pass_finds_them_too),
        cmocka_unit_test(neither_old_nor_rejected_ones_count),
        cmocka_unit_test(a_customer_in_other_letters_is_the_same_one),
        cmocka_unit_test(the_rule_counts_them_against_its_limit),
        cmocka_unit_test(sums_beyond_all_numbers_are_large),
        cmocka_unit_test(a_day_has_a_limit_for_each_person),
        cmocka_unit_test(what_was_asked_long_ago_counts_today),
        cmocka_unit_test(an_old_run_is_rerun_first),
        cmocka_unit_test(an_amount_set_by_hand_makes_a_run_no_younger),
        cmocka_unit_test(old_data_is_not_approved),
        cmocka_unit_test(the_rule_leaves_stale_evidence_to_a_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
