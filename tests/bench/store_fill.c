/* store_fill.c: makes a state with many requests, for the benches: store_fill FILE COUNT. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/state.h"
#include "store/store.h"

#define BATCH 20000

typedef struct {
    gint64 first, count, begun;
} Fill;

static const char *const customers[] = {"acme-payments", "northwind", "globex",   "initech",
                                        "umbrella",      "hooli",     "wonka",    "stark-pay",
                                        "wayne-bank",    "monarch",   "aperture", "cyberdyne"};

static Request *
make_request(gint64 i, gint64 begun)
{
    Request *request = request_new();

    request->received_at = begun + i * 60 * G_USEC_PER_SEC;
    request->channel = g_strdup("C0HELPSMS1");
    request->channel_name = g_strdup("help-sms-credit-pumping-memos");
    request->ts = slack_ts_format(request->received_at);
    request->thread_ts = g_strdup(request->ts);
    request->requester = g_strdup("U0MARA0001");
    request->requester_name = g_strdup("mara");
    request->text = g_strdup("please credit <https://looker.example.com/looks/8841>");
    request->message = g_strdup("{}");
    request->link_url = g_strdup("https://looker.example.com/looks/8841");
    request->link_kind = g_strdup("look");
    request->link_ref = g_strdup("8841");
    request->product = g_strdup("verify");
    request->customer = g_strdup(customers[i % (gint64)G_N_ELEMENTS(customers)]);
    request->sql = g_strdup("SELECT 1");
    request->sql_sha256 = g_strnfill(64, 'a');
    request->state = STATE_NEW;
    request->state_at = request->received_at;
    return request;
}

static Run *
make_run(const Request *request, gint64 i)
{
    Run *run = run_new();

    run->request_id = request->id;
    run->started_at = run->finished_at = request->received_at;
    run->actor = g_strdup("creditbot");
    run->status = g_strdup("done");
    run->sql_sha256 = g_strdup(request->sql_sha256);
    run->sql = g_strdup(request->sql);
    run->calculator = g_strdup("verify");
    run->calculator_version = g_strdup("1.0");
    run->parameters = g_strdup("{}");
    run->amount = (i % 9000 + 100) * 1000000;
    run->low = run->amount - 1000000;
    run->high = run->amount + 1000000;
    run->currency = g_strdup("USD");
    run->product = g_strdup("verify");
    run->customer = g_strdup(request->customer);
    run->result = g_strdup("{}");
    run->digest = text_sha256(run->result, strlen(run->result));
    return run;
}

static gboolean
fill(Store *store, void *data, GError **error)
{
    const Fill *part = data;

    for (gint64 i = part->first; i < part->first + part->count; i++) {
        g_autoptr(Request) request = make_request(i, part->begun);
        gboolean added;

        if (!store_request_add(store, request, &added, error))
            return FALSE;
        g_autoptr(Run) run = make_run(request, i);
        if (!store_run_add(store, run, error))
            return FALSE;
        request->run_id = run->id;
        request->state = STATE_PENDING;
        if (!store_request_save(store, request, error))
            return FALSE;
        if (i % 50 == 0)
            continue; /* some wait, the others are history */
        request->state = STATE_REJECTED;
        if (!store_request_save(store, request, error))
            return FALSE;
    }
    return TRUE;
}

int
main(int argc, char **argv)
{
    gint64 count = argc == 3 ? g_ascii_strtoll(argv[2], NULL, 10) : 0;
    g_autoptr(GError) error = NULL;

    if (count <= 0) {
        fprintf(stderr, "usage: store_fill FILE COUNT\n");
        return 2;
    }
    StoreOptions options = {.path = argv[1], .relaxed = TRUE};
    g_autoptr(Store) store = store_open(&options, &error);
    Fill part = {.begun = clock_now(NULL) - count * 60 * G_USEC_PER_SEC};
    for (; store && part.first < count; part.first += part.count) {
        part.count = MIN(BATCH, count - part.first);
        if (!store_transact(store, fill, &part, &error))
            break;
    }
    if (!error)
        return 0;
    fprintf(stderr, "store_fill: %s\n", error->message);
    return 1;
}
