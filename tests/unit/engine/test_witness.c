/* test_witness.c: what Slack does to a text does not count, what a person does to it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/witness_text.h"

#define SECTION "[{\"type\":\"section\",%s\"text\":{\"type\":\"mrkdwn\",\"text\":\"%s\"}}]"

/* there: text and words of the blocks in Slack; here: both of them in the post. */
static gboolean
is_same(const char *there, const char *blocks_there, const char *here, const char *blocks_here)
{
    g_autofree char *list = blocks_there
                                ? g_strdup_printf(SECTION, "\"block_id\":\"Xy1\",", blocks_there)
                                : g_strdup("[]");
    g_autofree char *blocks = blocks_here ? g_strdup_printf(SECTION, "", blocks_here) : NULL;
    g_autoptr(cJSON) json = cJSON_CreateObject();
    g_autoptr(SlackMessage) message = NULL;
    g_autoptr(Post) post = post_new();

    cJSON_AddStringToObject(json, "ts", "1788999990.000100");
    cJSON_AddStringToObject(json, "text", there);
    cJSON_AddItemToObject(json, "blocks", cJSON_Parse(list));
    message = slack_message_from_json(json);
    assert_non_null(message);
    post->text = g_strdup(here);
    post->blocks = g_steal_pointer(&blocks);
    return witness_text_same(message, post);
}

static void
what_slack_does_to_a_text_does_not_count(void **state)
{
    (void)state;
    const char *const pairs[][2] = {
        {"credit: *12.50 USD*", "credit: *12.50 USD*"},
        {"see <http://www.example.com|www.example.com>.", "see www.example.com."},
        {"see <https://example.com/a?b=1&amp;c=2>", "see https://example.com/a?b=1&amp;c=2"},
        {"mail <mailto:a@example.com|a@example.com>", "mail a@example.com"},
        {"done :tada: for M\xc3\xbcller", "done \xf0\x9f\x8e\x89 for M\xc3\xbcller"},
        {"two  blanks\n", "two blanks"},
        {"10:30:15", "10:30:15"},
        {"a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c"},
        {"", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if (!is_same(pairs[i][0], NULL, pairs[i][1], NULL))
            fail_msg("not the same: %s", pairs[i][0]);
    }
}

static void
what_a_person_does_to_it_counts(void **state)
{
    (void)state;
    const char *const pairs[][2] = {
        {"credit: *12.50 USD*", "credit: *13.50 USD*"},
        {"credit: *12.50 USD*", "credit: *12.50 EUR*"},
        {"credit: -12.50", "credit: 12.50"},
        {"for M\xc3\xbcller", "for M\xc3\xb6ller"},
        {"10:30:15", "10:31:15"},
        {"credit 1,000", "credit 1.000"},
        {"<http://one.example|label>", "<http://one.example|other>"},
        {"", "credit"},
        {"credit", ""},
        {"a:b", "a b"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if (is_same(pairs[i][0], NULL, pairs[i][1], NULL))
            fail_msg("the same: %s", pairs[i][0]);
    }
}

/* What people see are the blocks. */
static void
blocks_count_like_the_text(void **state)
{
    (void)state;
    assert_true(is_same("12.50 USD", "12.50 USD", "12.50 USD", "12.50 USD"));
    assert_false(is_same("12.50 USD", "99.50 USD", "12.50 USD", "12.50 USD"));
    assert_false(is_same("12.50 USD", NULL, "12.50 USD", "12.50 USD"));
    /* Slack makes blocks of its own of a text without them. */
    assert_true(is_same("12.50 USD", "12.50 USD", "12.50 USD", NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_slack_does_to_a_text_does_not_count),
        cmocka_unit_test(what_a_person_does_to_it_counts),
        cmocka_unit_test(blocks_count_like_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
