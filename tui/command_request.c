/* command_request.c: the commands of the request view, and what takes something out of a request:
 * clipboard, pager, browser. */
#include "tui/command.h"
#include "tui/pager.h"
#include "tui/views/request.h"
#include "tui/widgets/dialogs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "services/link.h"

#define COPY_MAX 65536 /* bytes that the clipboard takes over a terminal */

static guint
adjust(Console *console, const char *what, int step)
{
    const ViewOps *ops = console_ops(console);
    return ops->adjust ? ops->adjust(console_view(console), what, step) : CHANGED_UNUSED;
}

/* -- the view -- */

guint
cmd_section_to(Console *console, int section, const char *args)
{
    (void)args;
    return adjust(console, "section", section);
}

guint
cmd_newer_side(Console *console, int step, const char *args)
{
    (void)args;
    return adjust(console, "other-run", step);
}

guint
cmd_line_numbers(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    return adjust(console, "numbers", 0);
}

guint
cmd_wrap(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    return adjust(console, "wrap", 0);
}

guint
cmd_sideways(Console *console, int step, const char *args)
{
    (void)args;
    if (adjust(console, "sideways", step) == CHANGED_UNUSED)
        console_say(console, ROLE_DIM, "nothing is wider than the screen here");
    return CHANGED_SCREEN;
}

guint
cmd_compare(Console *console, int by, const char *args)
{
    g_auto(GStrv) words = g_strsplit(args, " ", 3);
    (void)by;
    gint64 a = words[0] ? g_ascii_strtoll(words[0], NULL, 10) : 0,
           b = words[0] && words[1] ? g_ascii_strtoll(words[1], NULL, 10) : 0;
    if (view_request_compare(console, a, b) == CHANGED_UNUSED)
        console_say(console, ROLE_WARN, "compare takes the numbers of two runs: compare 1 3");
    return CHANGED_SCREEN;
}

/* -- taking something out, read off the screen's thread -- */

typedef struct {
    Console *console;
    const OutputKind *kind;
    gint64 request_id, run_id;
    gboolean page; /* for the pager: a file is made of it */
    char *save;    /* path of a new file; NULL: none */
    char *text, *path;
    GError *error;
} Taking;

static void
taking_free(gpointer data)
{
    Taking *taking = data;
    g_free(taking->text);
    g_free(taking->path);
    g_free(taking->save);
    g_clear_error(&taking->error);
    g_free(taking);
}

/* Never over a file that is there. */
static gboolean
save_new(const char *path, const char *text, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    gsize len = strlen(text), done = 0;
    while (fd >= 0 && done < len) {
        ssize_t n = write(fd, text + done, len - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (gsize)n : 0;
    }
    int why = errno;
    if ((fd >= 0 && close(fd) == 0) && done == len)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "could not write %s: %s", path, g_strerror(why));
    return FALSE;
}

static void
taking_read(Store *store, gpointer data)
{
    Taking *taking = data;
    taking->text =
        request_output(store, taking->kind, taking->request_id, taking->run_id, &taking->error);
    if (taking->text && taking->save && !save_new(taking->save, taking->text, &taking->error))
        g_clear_pointer(&taking->text, g_free);
    if (taking->text && taking->page)
        taking->path = pager_file(taking->text, &taking->error);
}

static void
copy_text(Console *console, const char *what, const char *text)
{
    gsize len = strlen(text);
    if (console->term)
        term_copy(console->term, text);
    if (len > COPY_MAX)
        console_say(console, ROLE_WARN,
                    "copied the first %d bytes of %s, which has %" G_GSIZE_FORMAT, COPY_MAX, what,
                    len);
    else
        console_say(console, ROLE_GOOD, "copied: %s", strchr(text, '\n') ? what : text);
}

static void
copy_done(gpointer data)
{
    Taking *taking = data;
    if (taking->text)
        copy_text(taking->console, taking->kind->what, taking->text);
    else
        console_say_error(taking->console, "copy", taking->error);
    console_touch(taking->console);
}

/* What goes on while the pager has the terminal: holds run out, answers come. */
static void
meanwhile(gpointer data)
{
    Console *console = data;
    mailbox_run(console->mailbox);
    console_tick(console);
}

static void
page_done(gpointer data)
{
    Taking *taking = data;
    Console *console = taking->console;
    g_autoptr(GError) error = NULL;
    if (!taking->path)
        console_say_error(console, "pager", taking->error);
    else if (console->term && !pager_show(console->term, taking->path, mailbox_fd(console->mailbox),
                                          meanwhile, console, &error))
        console_say_error(console, "pager", error);
    console_touch(console);
}

static guint
take(Console *console, const OutputKind *kind, gint64 run_id, gboolean page)
{
    Taking *taking = g_new0(Taking, 1);
    taking->console = console;
    taking->kind = kind;
    taking->request_id = console_request(console)->id;
    taking->run_id = run_id;
    taking->page = page;
    reader_ask(console->bulk, taking_read, page ? page_done : copy_done, taking, taking_free);
    return CHANGED_SCREEN;
}

/* "sql, post, …", for the operator who named something else. */
static guint
say_kinds(Console *console, const char *command, const char *name)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (const OutputKind *kind = request_outputs; kind->name; kind++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", kind->name);
    console_say(console, ROLE_WARN, "%s: '%s' is none of %s", command, name, names->str);
    return CHANGED_SCREEN;
}

guint
cmd_pager(Console *console, int by, const char *args)
{
    gint64 run_id = 0;
    (void)by;
    const char *name = *args                           ? args
                       : console->here == VIEW_REQUEST ? view_request_output(console, &run_id)
                                                       : "text";
    const OutputKind *kind = request_output_kind(name);
    return kind ? take(console, kind, run_id, TRUE) : say_kinds(console, "pager", name);
}

/* In the order of request_outputs. */
static const Choice copies[] = {
    {'a', "the amount"},
    {'l', "the link"},
    {'s', "the SQL"},
    {'p', "the text of the post"},
    {'t', "the text of the message"},
    {'m', "the message as Slack sent it (JSON)"},
    {'r', "the result of the run (JSON)"},
    {'e', "the events (JSON Lines)"},
    {'o', "the log of this request"},
    {'d', "the digest of the evidence"},
    {'c', "the evidence in its canonical form"},
    {'i', "the text that a second person signs"},
};

static guint
copy_chosen(Console *console, guint index)
{
    const OutputKind *kind = &request_outputs[index];
    const char *preview = console->here == VIEW_REQUEST ? view_request_preview(console) : NULL;
    if (!console_request(console))
        return CHANGED_SCREEN;
    if (preview && strcmp(kind->name, "post") == 0) {
        copy_text(console, kind->what, preview);
        return CHANGED_SCREEN;
    }
    return take(console, kind, 0, FALSE);
}

guint
cmd_copy_part(Console *console, int by, const char *args)
{
    const OutputKind *kind = *args ? request_output_kind(args) : NULL;
    (void)by;
    if (*args && !kind)
        return say_kinds(console, "copy-part", args);
    if (kind)
        return copy_chosen(console, (guint)(kind - request_outputs));
    return choose_open(console, "Copy", copies, G_N_ELEMENTS(copies), copy_chosen);
}

/* -- evidence -- */

static void
save_done(gpointer data)
{
    Taking *taking = data;
    if (taking->text)
        console_say(taking->console, ROLE_GOOD,
                    "written; there: ssh-keygen -Y sign -n creditbot -f KEY %s", taking->save);
    else
        console_say_error(taking->console, "to-sign", taking->error);
    console_touch(taking->console);
}

guint
cmd_to_sign(Console *console, int by, const char *args)
{
    const OutputKind *kind = request_output_kind("to-sign");
    (void)by;
    if (!*args)
        return take(console, kind, 0, FALSE);
    Taking *taking = g_new0(Taking, 1);
    taking->console = console;
    taking->kind = kind;
    taking->request_id = console_request(console)->id;
    taking->save = paths_expand(args);
    reader_ask(console->bulk, taking_read, save_done, taking, taking_free);
    return CHANGED_SCREEN;
}

guint
cmd_verify(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    adjust(console, "section", SECTION_EVIDENCE);
    return view_request_verify(console);
}

/* -- the browser -- */

/* Only an https address of the configured Looker host leaves this program, as an argument. */
static gboolean
check_address(Console *console, const char *url, GError **error)
{
    const char *base = config_string(console->config, "looker", "base_url");
    g_autofree char *why = NULL;
    g_autoptr(Link) link = base ? link_parse(url, base, &why) : NULL;
    if (link && g_str_has_prefix(url, "https://"))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL, "not opened: %s",
                link  ? "it is not https"
                : why ? why
                      : "no Looker host is configured");
    return FALSE;
}

guint
cmd_browse(Console *console, int by, const char *args)
{
    const char *url = console_request(console)->link_url;
    g_autoptr(GError) error = NULL;
    (void)by;
    (void)args;
    if (!url) {
        console_say(console, ROLE_WARN, "%" G_GINT64_FORMAT " has no link",
                    console_request(console)->id);
        return CHANGED_SCREEN;
    }
    const char *const argv[] = {"xdg-open", url, NULL};
    const char *x11 = g_getenv("DISPLAY"), *wayland = g_getenv("WAYLAND_DISPLAY");
    if (!(x11 && *x11) && !(wayland && *wayland)) {
        if (console->term)
            term_copy(console->term, url);
        console_say(console, ROLE_WARN, "there is no desktop here; copied instead: %s", url);
    } else if (check_address(console, url, &error) && pager_detach(argv, &error)) {
        console_say(console, ROLE_GOOD, "opened: %s", url);
    } else {
        console_say_error(console, "browse", error);
    }
    return CHANGED_SCREEN;
}
