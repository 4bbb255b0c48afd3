/* test_state.c: the table of states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/state.h"

static void
every_state_but_the_final_ones_leads_somewhere(void **unused)
{
    (void)unused;
    for (RequestState from = 0; from < STATE_COUNT; from++) {
        guint ways = 0;

        for (RequestState to = 0; to < STATE_COUNT; to++)
            ways += state_change_legal(from, to);
        if (from == STATE_POSTED || from == STATE_REJECTED)
            assert_int_equal(ways, 0);
        else
            assert_true(ways > 0);
    }
}

static void
nothing_is_posted_but_through_posting(void **unused)
{
    (void)unused;
    for (RequestState from = 0; from < STATE_COUNT; from++) {
        gboolean may = from == STATE_POSTING || from == STATE_UNCONFIRMED;
        assert_int_equal(state_change_legal(from, STATE_POSTED), may);
    }
    for (RequestState from = 0; from < STATE_COUNT; from++) {
        gboolean may = from == STATE_APPROVED || from == STATE_UNCONFIRMED;
        assert_int_equal(state_change_legal(from, STATE_POSTING), may);
    }
}

static void
only_what_was_pending_is_approved(void **unused)
{
    (void)unused;
    assert_true(state_change_legal(STATE_PENDING, STATE_APPROVED));
    assert_false(state_change_legal(STATE_NEW, STATE_APPROVED));
    assert_false(state_change_legal(STATE_REJECTED, STATE_APPROVED));
    assert_false(state_change_legal(STATE_IGNORED, STATE_APPROVED));
}

static void
states_beyond_the_table_are_illegal(void **unused)
{
    (void)unused;
    assert_false(state_change_legal(STATE_COUNT, STATE_NEW));
    assert_false(state_change_legal(STATE_NEW, STATE_COUNT));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_but_the_final_ones_leads_somewhere),
        cmocka_unit_test(nothing_is_posted_but_through_posting),
        cmocka_unit_test(only_what_was_pending_is_approved),
        cmocka_unit_test(states_beyond_the_table_are_illegal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
