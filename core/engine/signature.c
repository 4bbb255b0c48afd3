/* signature.c: what is signed, and who signed it: an approval from somebody without a login here.
 *
 * ssh-keygen judges the signature; here stands what it is asked, and what its answers mean. */
#include "engine/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/keygen.h"

#define RUN_USEC       (10 * G_USEC_PER_SEC)
#define SIGNERS_MAX    (1 << 20)
#define PRINCIPAL_MAX  256
#define PRINCIPALS_MAX 16 /* names of one key that are tried */

static const char armor_begin[] = "-----BEGIN SSH SIGNATURE-----";
static const char armor_end[] = "-----END SSH SIGNATURE-----";

/* -- the text -- */
/* Printable ASCII alone, so that the eyes of who signs are not deceived and no version of Unicode
 * changes the text. */
static void
add_line(GString *text, const char *name, const char *value)
{
    g_string_append_printf(text, "%s=", name);
    for (const char *p = value ? value : ""; *p; p++) {
        if (*p >= ' ' && *p <= '~' && *p != '\\')
            g_string_append_c(text, *p);
        else
            g_string_append_printf(text, "\\x%02x", (guchar)*p);
    }
    g_string_append_c(text, '\n');
}

static void
add_number(GString *text, const char *name, gint64 number)
{
    g_string_append_printf(text, "%s=%" G_GINT64_FORMAT "\n", name, number);
}

char *
signature_text_voided(const Request *request, const Run *run, guint voided)
{
    GString *text = g_string_new("creditbot-approval-1\n");
    g_autofree char *amount = money_format(run->amount);

    add_number(text, "request", request->id);
    if (request->corrects)
        add_number(text, "corrects", request->corrects);
    add_line(text, "channel", request->channel);
    add_line(text, "ts", request->ts);
    add_line(text, "customer", run->customer);
    add_line(text, "amount", amount);
    add_line(text, "currency", run->currency);
    add_number(text, "run", run->number);
    add_line(text, "digest", run->digest);
    add_number(text, "voided", voided);
    return g_string_free(text, FALSE);
}

char *
signature_text(const Request *request, const Run *run, const GPtrArray *approvals)
{
    guint voided = 0;

    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        voided += approval->voided_at != 0;
    }
    return signature_text_voided(request, run, voided);
}

/* -- files -- */
static gboolean
fail_file(int code, const char *what, const char *path, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, code, "cannot %s %s: %s", what, path, g_strerror(errno));
    return FALSE;
}

/* At most max bytes; more is an error of its own, so that nothing is cut in silence. */
static GString *
read_fd(int fd, const char *path, gsize max, int code, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char block[4096];
    ssize_t n;

    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fail_file(code, "read", path, error);
            return NULL;
        }
        g_string_append_len(text, block, n);
        if (text->len > max) {
            g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                        "%s is larger than %" G_GSIZE_FORMAT " KiB", path, max / 1024);
            return NULL;
        }
    }
    return g_steal_pointer(&text);
}

static gboolean
is_armored(const char *text)
{
    const char *end = strstr(text, armor_end);

    if (!g_str_has_prefix(text, armor_begin) || !end || end[strlen(armor_end)])
        return FALSE;
    for (const char *p = text; *p; p++) {
        if ((*p < ' ' || *p > '~') && *p != '\n' && *p != '\r')
            return FALSE;
    }
    return TRUE;
}

/* Without the blanks around it, which mails and terminals add. */
static char *
armored_of(const char *text, gsize len, const char *where, GError **error)
{
    g_autofree char *trimmed = len == strlen(text) ? g_strstrip(g_strdup(text)) : NULL;

    if (trimmed && len <= SIGNATURE_MAX && is_armored(trimmed))
        return g_steal_pointer(&trimmed);
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "%s is no signature of ssh-keygen -Y sign: it begins with \"%s\", ends with "
                "\"%s\" and has at most %d KiB",
                where, armor_begin, armor_end, SIGNATURE_MAX / 1024);
    return NULL;
}

char *
signature_read(const char *path, GError **error)
{
    gboolean is_stdin = strcmp(path, "-") == 0;
    const char *where = is_stdin ? "standard input" : path;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        fail_file(ERR_USAGE, "read", path, error);
        return NULL;
    }
    g_autoptr(GString) text = read_fd(fd, where, SIGNATURE_MAX, ERR_USAGE, error);
    if (!is_stdin)
        close(fd);
    return text ? armored_of(text->str, text->len, where, error) : NULL;
}

/* Who can write the file can add a signer; who can write its folder can put another in its place
 * (but not where the sticky bit stands). */
static gboolean
check_modes(const char *path, const struct stat *file, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat above;

    if (!S_ISREG(file->st_mode)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "[approval] allowed_signers: %s is no file",
                    path);
        return FALSE;
    }
    if (file->st_mode & (S_IWGRP | S_IWOTH)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[approval] allowed_signers: others can write %s, and so approve; run: "
                    "chmod go-w %s",
                    path, path);
        return FALSE;
    }
    if (stat(folder, &above) == 0 && above.st_mode & S_IWOTH && !(above.st_mode & S_ISVTX)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[approval] allowed_signers: everybody can put another file in the place of "
                    "%s; run: chmod o-w %s",
                    path, folder);
        return FALSE;
    }
    return TRUE;
}

static GString *
read_signers(const Config *config, GError **error)
{
    const char *path = config_string(config, "approval", "allowed_signers");
    struct stat file;

    if (!path) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_CONFIG,
                            "signatures are not accepted here: [approval] allowed_signers names "
                            "no file of keys");
        return NULL;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[approval] allowed_signers: cannot read %s: %s", path, g_strerror(errno));
        return NULL;
    }
    g_autoptr(GString) text = NULL;
    if (fstat(fd, &file) != 0)
        fail_file(ERR_CONFIG, "look at", path, error);
    else if (check_modes(path, &file, error))
        text = read_fd(fd, path, SIGNERS_MAX, ERR_CONFIG, error);
    close(fd);
    return g_steal_pointer(&text);
}

/* -- the question -- */
/* A private folder with copies, so that what was checked is what is used. */
typedef struct {
    char *folder, *text, *signature, *signers;
    char *when;          /* "-Overify-time=…"; NULL: now */
    const char *allowed; /* where the signers come from, for messages; borrowed */
} Question;

static void
question_clear(Question *question)
{
    char *files[] = {question->text, question->signature, question->signers};

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        if (files[i])
            g_unlink(files[i]);
        g_free(files[i]);
    }
    if (question->folder)
        g_rmdir(question->folder);
    g_free(question->folder);
    g_free(question->when);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* *path is set before the file is made, so that it is taken away whatever happens. */
static gboolean
put_file(Question *question, const char *name, const char *bytes, gsize len, char **path,
         GError **error)
{
    *path = g_build_filename(question->folder, name, NULL);
    int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_file(ERR_CONFIG, "write", *path, error);
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            fail_file(ERR_CONFIG, "write", *path, error);
            close(fd);
            return FALSE;
        }
        bytes += n;
        len -= (gsize)n;
    }
    return close(fd) == 0 || fail_file(ERR_CONFIG, "write", *path, error);
}

/* In the zone that ssh-keygen takes times to be in: older ones know no "Z". */
static char *
verify_time(gint64 at)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(at / G_USEC_PER_SEC);
    g_autofree char *digits = when ? g_date_time_format(when, "%Y%m%d%H%M%S") : NULL;

    return g_strconcat("-Overify-time=", digits, NULL);
}

static gboolean
question_make(Question *question, const Config *config, const char *text, const char *armored,
              GError **error)
{
    g_autofree char *signature = armored_of(armored, strlen(armored), "this", error);
    g_autoptr(GString) signers = signature ? read_signers(config, error) : NULL;
    g_autofree char *lines = signature ? g_strconcat(signature, "\n", NULL) : NULL;

    if (!signers)
        return FALSE;
    question->allowed = config_string(config, "approval", "allowed_signers");
    question->folder = g_build_filename(g_get_tmp_dir(), "creditbot-signature-XXXXXX", NULL);
    if (!g_mkdtemp_full(question->folder, 0700)) {
        fail_file(ERR_CONFIG, "make a folder", question->folder, error);
        g_clear_pointer(&question->folder, g_free);
        return FALSE;
    }
    return put_file(question, "text", text, strlen(text), &question->text, error) &&
           put_file(question, "signature", lines, strlen(lines), &question->signature, error) &&
           put_file(question, "signers", signers->str, signers->len, &question->signers, error);
}

/* -- the answers -- */
/* The first line of what ssh-keygen complained about, without the name of our copy of the file. */
static char *
first_complaint(const char *err)
{
    g_auto(GStrv) lines = g_strsplit(err, "\n", 2);
    const char *line = lines[0] ? lines[0] : "";
    const char *mark = strstr(line, "/signers:");
    g_autofree char *told = mark ? g_strdup_printf("line %s", mark + strlen("/signers:")) : NULL;

    return text_printable(told ? told : *line ? line : "it did not say why", -1, TEXT_LINE);
}

/* What its words mean; the last is for all others. %1: first complaint, %2: the signers' file. */
static const struct {
    const char *said;
    int code;
    const char *means;
} answers[] = {
    {"namespace does not match", ERR_INPUT,
     "signed for something else than an approval; sign with: ssh-keygen -Y sign "
     "-n " SIGNATURE_NAMESPACE},
    {"incorrect signature", ERR_ILLEGAL,
     "signed another text: has the request been rerun or taken back since? Print the present one "
     "with creditbot show ID --to-sign"},
    {"key has expired", ERR_ILLEGAL, "signed with a key that is no longer valid"},
    {"key is not yet valid", ERR_ILLEGAL, "signed with a key that is not valid yet"},
    {"ertificate not authorized", ERR_ILLEGAL, "signed with a certificate that does not count"},
    {"ertificate invalid", ERR_ILLEGAL, "signed with a certificate that does not count"},
    {"not permitted for use in signature namespace", ERR_ILLEGAL,
     "signed with a key that may sign other things than approvals only"},
    {"sshsig_", ERR_INPUT, "no whole signature: it was cut or changed on its way"},
    {"invalid format", ERR_INPUT, "no whole signature: it was cut or changed on its way"},
    {"", ERR_ILLEGAL, "not accepted by ssh-keygen"},
};

static void
explain(const Question *question, const Keygen *run, GError **error)
{
    g_autofree char *complaint = first_complaint(run->err);
    gsize i = 0;

    while (!strstr(run->err, answers[i].said))
        i++;
    g_set_error(error, CREDITBOT_ERROR, answers[i].code, "this is %s (%s; signers: %s)",
                answers[i].means, complaint, question->allowed);
}

/* A name, not a pattern, and nothing that could pass for other words on a screen or in [approval]
 * signers. */
static gboolean
is_name(const char *name)
{
    gsize len = strlen(name);

    for (const char *p = name; *p; p++) {
        if (!g_ascii_isgraph(*p) || strchr("*?!;=\"'\\", *p))
            return FALSE;
    }
    return len > 0 && len <= PRINCIPAL_MAX;
}

static gboolean
ask(const Question *question, const char *const *argv, const char *input, Keygen *run,
    GError **error)
{
    const char *whole[16];
    gsize n = 0;

    for (; argv[n]; n++)
        whole[n] = argv[n];
    whole[n++] = question->when;
    whole[n] = NULL;
    return keygen_run(whole, input, RUN_USEC, run, error);
}

/* Which key it was, so that who keeps the file of signers can look it up. */
static void
say_unknown(const Question *question, GError **error)
{
    const char *const argv[] = {"ssh-keygen",        "-Y", "check-novalidate",  "-n",
                                SIGNATURE_NAMESPACE, "-s", question->signature, NULL};
    g_auto(Keygen) run = {0};

    if (!ask(question, argv, question->text, &run, error))
        return;
    if (!run.good) {
        explain(question, &run, error);
        return;
    }
    const char *with = strstr(run.out, " with ");
    g_autofree char *key =
        text_printable(with ? with + strlen(" with ") : "an unknown key", -1, TEXT_LINE);
    g_strchomp(key);
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "this is a signature of nobody who may approve: %s is not in %s", key,
                question->allowed);
}

static gboolean
find_principals(const Question *question, Keygen *run, GError **error)
{
    const char *const argv[] = {"ssh-keygen",        "-Y", "find-principals", "-s",
                                question->signature, "-f", question->signers, NULL};

    if (!ask(question, argv, NULL, run, error))
        return FALSE;
    if (run->good)
        return TRUE;
    if (g_str_has_prefix(run->err, "No principal matched"))
        say_unknown(question, error);
    else
        explain(question, run, error);
    return FALSE;
}

static gboolean
verify(const Question *question, const char *principal, GError **error)
{
    const char *const argv[] = {"ssh-keygen",
                                "-Y",
                                "verify",
                                "-f",
                                question->signers,
                                "-I",
                                principal,
                                "-n",
                                SIGNATURE_NAMESPACE,
                                "-s",
                                question->signature,
                                NULL};
    g_auto(Keygen) run = {0};

    if (!ask(question, argv, question->text, &run, error))
        return FALSE;
    if (!run.good)
        explain(question, &run, error);
    return run.good;
}

/* [approval] signers says whose name it is. */
static gboolean
is_mapped(const Config *config, const char *name)
{
    const char *const *pairs = config_list(config, "approval", "signers");
    gsize len = strlen(name);

    for (gsize i = 0; pairs[i]; i++) {
        if (strncmp(pairs[i], name, len) == 0 && pairs[i][len] == '=')
            return TRUE;
    }
    return FALSE;
}

/* The names of a key, those first that the configuration knows: a person must not count as another
 * one by a second name. Caller frees the array only. */
static GPtrArray *
in_order(const Config *config, char **names)
{
    GPtrArray *order = g_ptr_array_new();

    for (guint mapped = 2; mapped-- > 0;) {
        for (guint i = 0; i < PRINCIPALS_MAX && names[i]; i++) {
            if (*names[i] && is_mapped(config, names[i]) == (gboolean)mapped)
                g_ptr_array_add(order, names[i]);
        }
    }
    return order;
}

/* The first name of the key that holds; the first reason when none does. */
static gboolean
verify_any(const Question *question, const GPtrArray *names, char **principal, GError **error)
{
    g_autoptr(GError) first = NULL;
    gboolean hostile = FALSE;

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);

        if (!is_name(name)) {
            hostile = TRUE;
        } else if (verify(question, name, first ? NULL : &first)) {
            *principal = g_strdup(name);
            return TRUE;
        }
    }
    if (first)
        g_propagate_error(error, g_steal_pointer(&first));
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    hostile ? "the key of this signature has no name in %s that one person could "
                              "bear: patterns, blanks and control characters are refused"
                            : "the key of this signature has no name in %s",
                    question->allowed);
    return FALSE;
}

gboolean
signature_check(const Config *config, const char *text, const char *armored, gint64 at,
                char **principal, GError **error)
{
    g_auto(Question) question = {.when = at ? verify_time(at) : NULL};
    g_auto(Keygen) found = {0};

    if (!question_make(&question, config, text, armored, error) ||
        !find_principals(&question, &found, error))
        return FALSE;
    g_auto(GStrv) lines = g_strsplit(found.out, "\n", -1);
    g_autoptr(GPtrArray) names = in_order(config, lines);
    return verify_any(&question, names, principal, error);
}

/* Blank lines and comments aside (ssh-keygen(1), ALLOWED SIGNERS). */
static guint
count_signers(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint n = 0;

    for (guint i = 0; lines[i]; i++) {
        const char *first = lines[i] + strspn(lines[i], " \t\r");
        n += *first && *first != '#';
    }
    return n;
}

gboolean
signature_ready(const Config *config, char **words, GError **error)
{
    g_autoptr(GString) signers = read_signers(config, error);
    g_autofree char *program = signers ? g_find_program_in_path("ssh-keygen") : NULL;

    if (!signers)
        return FALSE;
    guint n = count_signers(signers->str);
    if (!program || !n) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    program ? "[approval] allowed_signers: %s names nobody"
                            : "[approval] allowed_signers is %s, but there is no ssh-keygen to "
                              "check signatures with",
                    config_string(config, "approval", "allowed_signers"));
        return FALSE;
    }
    *words = g_strdup_printf("%u line%s of signers", n, n == 1 ? "" : "s");
    return TRUE;
}
