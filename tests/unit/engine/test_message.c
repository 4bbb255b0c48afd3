/* test_message.c: the words that go to Slack, and the digest that approvals are sealed to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

typedef struct {
    Request *request;
    Run *run;
    CalcResult *result;
    Config *config;
} Case;

static Case
make_case(gint64 amount)
{
    Config *config = config_parse("[product.verify]\ntitle=Verify <SMS>\n", "test", NULL, NULL);
    Case made = {request_new(), run_new(), fixture_result(amount), config};

    made.request->id = 7;
    made.request->channel = g_strdup("C1");
    made.request->ts = g_strdup("1789000000.000100");
    made.request->text = g_strdup("please");
    made.run->number = 2;
    made.run->amount = amount;
    made.run->low = made.result->low;
    made.run->high = made.result->high;
    made.run->currency = g_strdup("USD");
    made.run->product = g_strdup("verify");
    made.run->customer = g_strdup(made.result->customer);
    made.run->digest = g_strnfill(64, 'd');
    made.run->result = g_strdup("{}");
    return made;
}

static void
free_case(Case *made)
{
    config_free(made->config);
    request_free(made->request);
    run_free(made->run);
    calc_result_free(made->result);
}

static void
a_result_names_the_exact_amount_and_escapes_what_came_from_outside(void **unused)
{
    (void)unused;
    Case made = make_case(G_GINT64_CONSTANT(12480500000));
    g_autofree char *text =
        message_result(&(Message){made.config, made.request, made.run, made.result, NULL});

    assert_non_null(strstr(text, "12480.50"));
    assert_non_null(strstr(text, "12,480.50 USD"));
    assert_non_null(strstr(text, "acme &lt;&amp;&gt; payments"));
    assert_non_null(strstr(text, "Verify &lt;SMS&gt;,"));
    assert_null(strstr(text, "<"));
    free_case(&made);
}

static void
a_rejection_calls_nobody(void **unused)
{
    (void)unused;
    Case made = make_case(1000000);
    g_autofree char *text = message_rejection(made.request, "no <!channel> & <@U1>\nsecond line");

    assert_null(strstr(text, "<"));
    assert_null(strchr(text, '\n'));
    free_case(&made);
}

static void
long_reasons_stay_one_message(void **unused)
{
    (void)unused;
    Case made = make_case(1000000);
    for (int i = 0; i < 50; i++)
        g_ptr_array_add(made.result->reasons, g_strnfill(5000, 'x'));
    g_autofree char *text =
        message_result(&(Message){made.config, made.request, made.run, made.result, NULL});

    assert_true(g_utf8_strlen(text, -1) <= 3900);
    free_case(&made);
}

static void
plain_shows_labels_and_characters(void **unused)
{
    (void)unused;
    g_autofree char *plain = message_plain("*5 USD* for <https://x.example.com|acme> &amp; co");

    assert_string_equal(plain, "5 USD for acme & co");
}

static void
asks_by_what_is_missing(void **unused)
{
    (void)unused;
    g_autoptr(Request) request = request_new();
    g_autofree char *plain = message_ask(request);
    assert_string_equal(plain, "Please provide a Looker link");
    request->note = g_strdup("tiles: Attempts; Cost <x>");
    g_autofree char *tiles = message_ask(request);
    assert_non_null(strstr(tiles, "Attempts; Cost &lt;x&gt;"));
    g_free(request->note);
    request->note = g_strdup("filters: Attempts <b>");
    g_autofree char *filters = message_ask(request);
    assert_non_null(strstr(filters, "'Attempts &lt;b&gt;' depends on the dashboard's filters"));
    assert_non_null(strstr(filters, "a Look"));
}

/* Any change of what the approver saw is another digest. */
static void
the_digest_covers_each_part(void **unused)
{
    (void)unused;
    Case made = make_case(1000000);
    g_autofree char *first = evidence_digest(made.request, made.run);
    char **texts[] = {&made.request->text, &made.request->ts, &made.request->channel,
                      &made.run->currency, &made.run->result, &made.run->product};

    assert_int_equal(strlen(first), 64);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        char *before = *texts[i];
        *texts[i] = g_strconcat(before, "!", NULL);
        g_autofree char *other = evidence_digest(made.request, made.run);
        assert_string_not_equal(first, other);
        g_free(*texts[i]);
        *texts[i] = before;
    }
    made.run->amount++;
    g_autofree char *other = evidence_digest(made.request, made.run);
    assert_string_not_equal(first, other);
    free_case(&made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_names_the_exact_amount_and_escapes_what_came_from_outside),
        cmocka_unit_test(a_rejection_calls_nobody),
        cmocka_unit_test(long_reasons_stay_one_message),
        cmocka_unit_test(plain_shows_labels_and_characters),
        cmocka_unit_test(asks_by_what_is_missing),
        cmocka_unit_test(the_digest_covers_each_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
