/* evidence.c: the digest that an approval is sealed to.
 *
 * Canonical form (docs/architecture.md): one "name=value" line for each field in the order below,
 * each ended by '\n', texts that may hold newlines given as their SHA-256. Anyone can make it by
 * hand. */
#include "store/evidence.h"

#include <string.h>

#include "base/text.h"

static void
add_line(GString *form, const char *name, const char *value)
{
    g_string_append_printf(form, "%s=%s\n", name, value ? value : "");
}

static void
add_hash(GString *form, const char *name, const char *text)
{
    g_autofree char *hash = text ? text_sha256(text, strlen(text)) : NULL;

    add_line(form, name, hash);
}

static void
add_number(GString *form, const char *name, gint64 number)
{
    g_string_append_printf(form, "%s=%" G_GINT64_FORMAT "\n", name, number);
}

char *
evidence_form(const Request *request, const Run *run)
{
    GString *form = g_string_new("creditbot-evidence-1\n");

    add_line(form, "channel", request->channel);
    add_line(form, "ts", request->ts);
    if (request->corrects)
        add_number(form, "corrects", request->corrects);
    add_hash(form, "text_sha256", request->text);
    add_line(form, "link_kind", request->link_kind);
    add_line(form, "link_ref", request->link_ref);
    add_line(form, "sql_sha256", run->sql_sha256);
    add_line(form, "product", run->product);
    add_line(form, "calculator", run->calculator);
    add_line(form, "calculator_version", run->calculator_version);
    add_hash(form, "parameters_sha256", run->parameters);
    add_hash(form, "result_sha256", run->result);
    add_number(form, "rows", run->rows);
    add_number(form, "amount_micro", run->amount);
    add_line(form, "currency", run->currency);
    return g_string_free(form, FALSE);
}

char *
evidence_digest(const Request *request, const Run *run)
{
    g_autofree char *form = evidence_form(request, run);

    return text_sha256(form, strlen(form));
}
