/* message.c: the exact words that go to Slack.
 *
 * Text is mrkdwn (docs.slack.dev "Formatting text"), at most 3,900 characters, so that one post is
 * one message; whatever came from outside is escaped. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/money.h"
#include "base/text.h"

#define TEXT_LIMIT      3900
#define EVIDENCE_DIGITS 8
#define RECORD_DIGITS   12
#define RECORD_LATER    ", record (at the post)."
#define REASONS_SHOWN   6
#define BROKEN_SHOWN    340 /* columns; each may become five characters */

/* Outside text as one safe line of mrkdwn. */
static char *
outside(const char *text, int columns)
{
    g_autofree char *printable = text_printable(text ? text : "", -1, TEXT_LINE);
    g_autofree char *line = text_ellipsize(printable, columns, TEXT_LINE);

    return text_slack_escape(line);
}

/* [product.NAME] title, or the section's own name with a capital. */
static char *
product_title(const Config *config, const Run *run)
{
    const char *name = run->product ? run->product : "product";
    g_autofree char *section = g_strconcat("product.", name, NULL);
    const char *title = config_string(config, section, "title");

    if (title && *title)
        return outside(title, 40);
    g_autofree char *safe = outside(name, 40);
    return g_strdup_printf("%c%s", g_ascii_toupper(safe[0]), safe[0] ? safe + 1 : "");
}

static void
add_reasons(GString *text, const CalcResult *result)
{
    for (guint i = 0; i < result->reasons->len && i < REASONS_SHOWN; i++) {
        g_autofree char *reason = outside(g_ptr_array_index(result->reasons, i), 240);

        g_string_append_printf(text, "\n%s", reason);
    }
}

/* "12,480.50 USD", and the exact figure after it when they differ in writing. */
char *
message_amount(gint64 amount, const char *currency)
{
    g_autofree char *exact = money_format(amount);
    g_autofree char *shown = money_display(amount);

    if (g_str_equal(exact, shown))
        return g_strdup_printf("%s %s", exact, currency);
    return g_strdup_printf("%s %s (exactly %s)", shown, currency, exact);
}

/* What each result begins with. */
#define SAYS     "Recommended credit for "
#define CORRECTS "Correction: the recommended credit for "

gboolean
message_is_result(const char *text)
{
    return text && (g_str_has_prefix(text, SAYS) || g_str_has_prefix(text, CORRECTS));
}

/* The first line, which says how much. */
static void
add_amount(GString *text, const Message *message)
{
    const Run *run = message->run;
    const Corrected *corrected = message->corrected;
    g_autofree char *customer = outside(run->customer ? run->customer : "this request", 80);
    g_autofree char *amount = message_amount(run->amount, run->currency);

    if (!corrected || !corrected->id) {
        g_string_append_printf(text, SAYS "%s: *%s*", customer, amount);
        return;
    }
    g_autofree char *before = message_amount(corrected->amount, corrected->currency);
    g_autofree char *at = time_iso(corrected->posted_at, FALSE);
    g_string_append_printf(text, CORRECTS "%s is *%s*, instead of %s (%.10s)", customer, amount,
                           before, at);
}

/* What it is about, and how sure it is; an amount set by hand says so instead. */
static void
add_scope(GString *text, const Message *message)
{
    const Run *run = message->run;
    const CalcResult *result = message->result;
    g_autofree char *title = product_title(message->config, run);
    g_autofree char *low = money_display(run->low);
    g_autofree char *high = money_display(run->high);

    g_string_append_printf(text, "\n%s, %s to %s", title,
                           result->first_day ? result->first_day : "-",
                           result->last_day ? result->last_day : "-");
    if (override_is(run))
        g_string_append(text, ". The amount was set by hand.");
    else
        g_string_append_printf(text, ", 95%% between %s and %s %s.", low, high, run->currency);
}

/* What must not be cut off: who approved it alone, and what it can be looked up by. */
static char *
footer_of(const Message *message)
{
    const Run *run = message->run;
    GString *text = g_string_new(NULL);

    if (message->broken) {
        g_autofree char *words = outside(message->broken, BROKEN_SHOWN);

        g_string_append_printf(text, "\n*%c%s*", g_ascii_toupper(words[0]), words + 1);
    }
    g_string_append_printf(text, "\nEvidence %.*s, run %" G_GINT64_FORMAT, EVIDENCE_DIGITS,
                           run->digest ? run->digest : "", run->number);
    if (message->request->id)
        g_string_append_printf(text, ", request %" G_GINT64_FORMAT, message->request->id);
    g_string_append(text, RECORD_LATER);
    return g_string_free(text, FALSE);
}

/* ", record 1234 · 0f3a9c4d5e6f.": where the log of events stood, for whoever looks later. */
static char *
record_words(gint64 id, const char *hash)
{
    return g_strdup_printf(", record %" G_GINT64_FORMAT " · %.*s.", id, RECORD_DIGITS, hash);
}

char *
message_record(const char *text, gint64 id, const char *hash)
{
    g_return_val_if_fail(g_str_has_suffix(text, RECORD_LATER), NULL);
    g_autofree char *words = record_words(id, hash);

    return g_strdup_printf("%.*s%s", (int)(strlen(text) - strlen(RECORD_LATER)), text, words);
}

char *
message_before_record(const char *text, gint64 id, const char *hash)
{
    g_autofree char *words = record_words(id, hash);

    if (!g_str_has_suffix(text, words))
        return NULL;
    return g_strdup_printf("%.*s" RECORD_LATER, (int)(strlen(text) - strlen(words)), text);
}

char *
message_result(const Message *message)
{
    GString *text = g_string_new(NULL);
    g_autofree char *footer = footer_of(message);
    glong room = TEXT_LIMIT - g_utf8_strlen(footer, -1);

    add_amount(text, message);
    add_scope(text, message);
    add_reasons(text, message->result);
    if (g_utf8_strlen(text->str, -1) > room)
        g_string_truncate(text, (gsize)(g_utf8_offset_to_pointer(text->str, room) - text->str));
    g_string_append(text, footer);
    return g_string_free(text, FALSE);
}

static cJSON *
mrkdwn_block(const char *text)
{
    cJSON *block = cJSON_CreateObject();
    cJSON *inner = cJSON_AddObjectToObject(block, "text");

    cJSON_AddStringToObject(block, "type", "section");
    cJSON_AddStringToObject(inner, "type", "mrkdwn");
    cJSON_AddStringToObject(inner, "text", text);
    cJSON_AddTrueToObject(inner, "verbatim"); /* no links of Slack's own making */
    return block;
}

/* One section: what the text says, for clients that prefer blocks. Sections end at 3,000
 * characters; a longer text goes without blocks. */
cJSON *
message_blocks(const char *text)
{
    if (g_utf8_strlen(text, -1) > 3000)
        return NULL;
    cJSON *blocks = cJSON_CreateArray();
    cJSON_AddItemToArray(blocks, mrkdwn_block(text));
    return blocks;
}

char *
message_ask(const Request *request)
{
    if (request->note && g_str_has_prefix(request->note, NOTE_FILTERS)) {
        g_autofree char *tile = outside(request->note + strlen(NOTE_FILTERS), 200);

        return g_strdup_printf(
            "The tile '%s' depends on the dashboard's filters, which its query does not hold. "
            "Please provide the link of a Look, or the one that 'Explore from here' gives on the "
            "tile.",
            tile);
    }
    if (request->note && g_str_has_prefix(request->note, NOTE_TILES)) {
        g_autofree char *tiles = outside(request->note + strlen(NOTE_TILES), 1500);

        return g_strdup_printf(
            "This dashboard has several tiles that match: %s. Please provide a Looker "
            "link to the one that counts.",
            tiles);
    }
    if (request->note && g_str_has_prefix(request->note, "several "))
        return g_strdup(
            "Please provide a Looker link: there are several different ones here, and a "
            "credit is worked out from exactly one.");
    return g_strdup("Please provide a Looker link");
}

char *
message_rejection(const Request *request, const char *reason)
{
    g_autofree char *safe = outside(reason, 1000);
    g_autofree char *customer = request->customer ? outside(request->customer, 80) : NULL;

    return g_strdup_printf("No credit is recommended%s%s. Reason: %s", customer ? " for " : "",
                           customer ? customer : "", safe);
}

char *
message_dead(const Request *request)
{
    g_autofree char *why = outside(request->error ? request->error : "unknown", 1500);
    g_autofree char *channel =
        outside(request->channel_name ? request->channel_name : request->channel, 80);

    return g_strdup_printf("CreditBot gave up on request %" G_GINT64_FORMAT
                           " in #%s (message %s) after "
                           "%" G_GINT64_FORMAT " attempts.\n%s\nTo try again: creditbot retry "
                           "%" G_GINT64_FORMAT,
                           request->id, channel, request->ts, request->attempts, why, request->id);
}

char *
message_broken(const Request *request, const char *person, const char *reason)
{
    g_autofree char *why = outside(reason, 500);
    g_autofree char *who = outside(person, 80);
    g_autofree char *channel =
        outside(request->channel_name ? request->channel_name : request->channel, 80);

    return g_strdup_printf(
        "%s broke the glass: request %" G_GINT64_FORMAT
        " in #%s is approved by them alone. Reason: %s\nAnother person looks at it afterwards: "
        "creditbot review %" G_GINT64_FORMAT " --reason TEXT",
        who, request->id, channel, why, request->id);
}

/* Links become their label, entities their characters, emphasis marks go. */
char *
message_plain(const char *mrkdwn)
{
    GString *plain = g_string_new(NULL);

    for (const char *p = mrkdwn; *p;) {
        const char *end = *p == '<' ? strchr(p, '>') : NULL;

        if (end) {
            const char *bar = memchr(p, '|', (gsize)(end - p));
            const char *from = bar ? bar + 1 : p + 1;

            g_string_append_len(plain, from, end - from);
            p = end + 1;
        } else {
            if (*p != '*')
                g_string_append_c(plain, *p);
            p++;
        }
    }
    g_autofree char *joined = g_string_free(plain, FALSE);
    g_autofree char *unescaped = text_slack_unescape(joined);
    return text_printable(unescaped, -1, TEXT_MULTILINE);
}
