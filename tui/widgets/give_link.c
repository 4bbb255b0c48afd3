/* give_link.c: the answer to 'needs a link', judged while it is typed. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"

typedef struct {
    Form form;
    gint64 id;
    char *who, *note, *refusal; /* refusal NULL: the link counts */
    GiveLinkFunc given;
} GiveLink;

static void
write_text(GiveLink *give)
{
    Doc *doc = give->form.text;
    form_renew(&give->form);
    doc_addf(doc, ROLE_TEXT, "%s asked without a link that counts: %s", give->who, give->note);
    doc_end(doc);
    doc_line(doc, ROLE_TEXT,
             "Its SQL is fetched and worked out at once. Nothing is said in the thread.");
    if (*form_text(&give->form, 0) && give->refusal)
        doc_addf(doc, ROLE_WARN, "This link does not count: %s", give->refusal);
    else if (!give->refusal)
        doc_add(doc, ROLE_GOOD, "This link counts.");
    doc_end(doc);
}

static void
judge(GiveLink *give)
{
    g_free(give->refusal);
    give->refusal = desk_link_refusal(give->form.console->desk, form_text(&give->form, 0));
    write_text(give);
}

static void
give_draw(gpointer data, Grid *grid, Rect screen)
{
    GiveLink *give = data;
    g_autofree char *title = g_strdup_printf("Link for %" G_GINT64_FORMAT, give->id);
    form_draw(&give->form, grid, screen, title, give->refusal ? NULL : "work it out", "no");
}

static guint
give_key(gpointer data, const TermEvent *event)
{
    GiveLink *give = data;
    Console *console = give->form.console;
    switch (form_key(&give->form, event)) {
    case FORM_NO:
        console_pop(console);
        break;
    case FORM_YES:
        if (give->refusal) {
            console_say(console, ROLE_WARN, "this link does not count: %s", give->refusal);
            break;
        }
        give->given(console, give->id, form_text(&give->form, 0));
        console_pop(console);
        break;
    case FORM_TYPED:
        judge(give);
        break;
    default:
        break;
    }
    return CHANGED_SCREEN;
}

static void
give_free(gpointer data)
{
    GiveLink *give = data;
    form_clear(&give->form);
    g_free(give->who);
    g_free(give->note);
    g_free(give->refusal);
    g_free(give);
}

static const DialogOps give_ops = {"give-link", give_draw, give_key, give_free};

guint
give_link_open(Console *console, const Request *request, const char *url, GiveLinkFunc given)
{
    GiveLink *give = g_new0(GiveLink, 1);
    form_init(&give->form, console);
    form_field(&give->form, "Link", NULL, url);
    give->id = request->id;
    give->who = g_strdup(wording_customer(request));
    give->note = g_strdup(request->note ? request->note : "no Looker link");
    give->given = given;
    judge(give);
    console_push(console, &give_ops, give);
    return CHANGED_SCREEN;
}
