/* break_glass.c: an approval alone, for the persons who are missing, in an emergency: for a reason
 * that is long enough to be one, with the number of the request typed, after the exact words. */
#include "tui/widgets/approval.h"

#include <string.h>
#include "base/clock.h"

#define REASON_LEAST 15 /* characters, as the desk wants */

enum { FIELD_REASON, FIELD_ID };

typedef struct {
    Decision decision;
    gint64 run_number;
    char *number; /* of the request, to be typed */
} Glass;

static gboolean
may(const Decision *decision)
{
    return decision->preview && decision->preview->break_glass;
}

static void
write_warning(Doc *doc, const Glass *glass)
{
    doc_addf(doc, ROLE_BAD, "!! BREAK THE GLASS !! ");
    doc_addf(doc, ROLE_TEXT,
             "You approve request %s alone, in place of the persons who are missing. The post says "
             "so, every list marks it, and another person has to review it afterwards. Without an "
             "emergency leave with Esc and ask them.",
             glass->number);
    doc_end(doc);
}

static void
write_broken(Doc *doc, const Preview *preview)
{
    if (preview->tier)
        doc_addf(doc, ROLE_BAD,
                 "It breaks: %s (%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " so far%s%s).",
                 preview->tier, preview->have, preview->need,
                 preview->who ? "; could approve: " : "", preview->who ? preview->who : "");
    doc_end(doc);
    doc_line(doc, ROLE_TEXT, "");
}

static void
write_text(Decision *decision)
{
    const Glass *glass = (const Glass *)decision;
    const Preview *preview = decision->preview;
    Doc *doc = decision->form.text;
    write_warning(doc, glass);
    if (!preview) {
        doc_line(doc, ROLE_TEXT,
                 decision->asked
                     ? "Working out what would be posted …"
                     : "Enter shows the exact words first, with your reason as they say it.");
        return;
    }
    if (!may(decision)) {
        doc_line(doc, ROLE_BAD,
                 "Here it cannot be done: nobody else is missing, or something is in the way that "
                 "breaking the glass does not stand for.");
        if (preview->refusal)
            doc_line(doc, ROLE_BAD, preview->refusal);
        return;
    }
    write_broken(doc, preview);
    preview_write(doc, preview, PREVIEW_DRY);
    preview_write_doubts(doc, preview, console_now(decision->form.console));
    approval_write_policy(doc, preview, FALSE);
}

static gboolean
same(const Decision *decision, const PreviewAsk *question)
{
    return strcmp(question->reason, form_text(&decision->form, FIELD_REASON)) == 0;
}

static char *
yes_words(const Decision *decision)
{
    const Preview *preview = decision->preview;
    if (!preview)
        return g_strdup("show the words");
    if (!may(decision))
        return NULL;
    if (!preview->live)
        return g_strdup("check it (dry run)");
    g_autofree char *hold = duration_short(preview->hold);
    return g_strdup_printf("BREAK THE GLASS, post in %s (u takes it back)", hold);
}

static void
glass_draw(gpointer data, Grid *grid, Rect screen)
{
    Decision *decision = data;
    g_autofree char *title = decision_title(decision, "!! Break the glass for");
    g_autofree char *yes = yes_words(decision);
    form_draw(&decision->form, grid, screen, title, yes, yes ? "no" : "back");
}

static gboolean
is_reason(const Decision *decision)
{
    g_autofree char *reason = g_strstrip(g_strdup(form_text(&decision->form, FIELD_REASON)));
    if (g_utf8_strlen(reason, -1) >= REASON_LEAST)
        return TRUE;
    console_say(decision->form.console, ROLE_WARN,
                "say why in at least %d characters: it is posted, kept and reviewed", REASON_LEAST);
    return FALSE;
}

static guint
decide(Decision *decision)
{
    const Glass *glass = (const Glass *)decision;
    const PreviewAsk question = {.run_number = glass->run_number,
                                 .kind = "break-glass",
                                 .reason = form_text(&decision->form, FIELD_REASON)};
    const ApprovalGiven given = {
        .run_number = glass->run_number, .reason_field = FIELD_REASON, .break_glass = TRUE};
    if (!is_reason(decision))
        return CHANGED_SCREEN;
    if (!decision->preview) {
        decision_ask(decision, &question);
        decision_write(decision);
        return CHANGED_SCREEN;
    }
    if (!may(decision))
        return CHANGED_SCREEN;
    if (strcmp(form_text(&decision->form, FIELD_ID), glass->number) == 0)
        return approval_give(decision, &given);
    console_say(decision->form.console, ROLE_WARN,
                "type the number of the request, %s, in the last field", glass->number);
    return CHANGED_SCREEN;
}

static gboolean
other_key(Decision *decision, const TermEvent *event)
{
    /* Once the words are there the number is what is left to type. */
    if (decision->preview && event->type == EVENT_KEY && event->key == KEYS_ENTER &&
        decision->form.seen && !*form_text(&decision->form, FIELD_ID))
        decision->form.focus = FIELD_ID;
    return FALSE;
}

static void
glass_clear(Decision *decision)
{
    g_free(((Glass *)decision)->number);
}

static const DecisionOps ops = {.write = write_text,
                                .same = same,
                                .yes = decide,
                                .key = other_key,
                                .clear = glass_clear,
                                .apart = 1u << FIELD_ID,
                                .failed = "cannot show what would be posted"};
static const DialogOps break_ops = {"break-glass", glass_draw, decision_key, decision_free};

guint
break_glass_open(Console *console, const Request *request, const char *reason)
{
    Glass *glass = decision_new(console, sizeof *glass, &ops, request);
    Form *form = &glass->decision.form;
    form_field(form, "Reason", NULL, reason);
    form_field(form, "Number", g_strdup_printf("of the request: %" G_GINT64_FORMAT, request->id),
               NULL);
    glass->run_number = request->run_number;
    glass->number = g_strdup_printf("%" G_GINT64_FORMAT, request->id);
    return decision_push(&glass->decision, &break_ops);
}
