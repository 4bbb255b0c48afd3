/* test_signature.c: approvals by signature: whose they are, and everything that is no approval.
 *
 * With real keys, made by ssh-keygen in the test's own folder; without ssh-keygen it is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "engine/keygen.h"
#include "engine/signature.h"

#define SHELL_USEC (60 * G_USEC_PER_SEC)

typedef struct {
    char *folder;
    Config *config;
} Bench;

static char *
at(const Bench *bench, const char *name)
{
    return g_build_filename(bench->folder, name, NULL);
}

/* The keys are made as people do it, on a command line. */
static void
shell(const Bench *bench, const char *line)
{
    g_autofree char *whole = g_strdup_printf("cd %s && %s", bench->folder, line);
    const char *const argv[] = {"sh", "-c", whole, NULL};
    g_auto(Keygen) run = {0};
    g_autoptr(GError) error = NULL;

    if (!keygen_run(argv, NULL, SHELL_USEC, &run, &error))
        fail_msg("%s: %s", line, error->message);
    if (!run.good)
        fail_msg("%s: %s", line, run.err);
}

static const char text[] = "creditbot-approval-1\nrequest=7\ndigest=00\nvoided=0\n";

static const char make_keys[] =
    "for t in ed25519 rsa ecdsa; do ssh-keygen -q -t $t -N '' -C c -f $t; done;"
    "ssh-keygen -q -t ed25519 -N '' -f ca; ssh-keygen -q -t ed25519 -N '' -f stranger;"
    "ssh-keygen -q -t ed25519 -N '' -f old; ssh-keygen -q -t ed25519 -N '' -f early;"
    "ssh-keygen -q -t ed25519 -N '' -f any; ssh-keygen -q -t ed25519 -N '' -f other;"
    "ssh-keygen -q -t ed25519 -N '' -f bearer; ssh-keygen -q -t ed25519 -N '' -f two;"
    "ssh-keygen -q -s ca -I one -n ines@example.com,else -V -1d:+10d bearer.pub;"
    "cp stranger evil; cp stranger.pub evil.pub;"
    "ssh-keygen -q -s ca -I two -n \"$(printf 'a\\033[2Jb@example.com')\" -V -1d:+10d evil.pub;"
    "umask 022; { echo \"mara@example.com namespaces=\\\"creditbot\\\" $(cat ed25519.pub)\";"
    "echo \"ivo@example.com $(cat rsa.pub)\"; echo \"juri@example.com $(cat ecdsa.pub)\";"
    "echo \"*@example.com cert-authority $(cat ca.pub)\";"
    "echo \"left@example.com valid-before=\\\"20200101\\\" $(cat old.pub)\";"
    "echo \"soon@example.com valid-after=\\\"22000101\\\" $(cat early.pub)\";"
    "echo \"*@example.com $(cat any.pub)\";"
    "echo \"*?,two@example.com,deux@example.com $(cat two.pub)\";"
    "echo \"files@example.com namespaces=\\\"file\\\" $(cat other.pub)\"; } > signers";

static int
bench_set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);
    g_autofree char *lines = NULL, *path = NULL;

    bench->folder = g_dir_make_tmp("creditbot-test-XXXXXX", NULL);
    shell(bench, make_keys);
    path = at(bench, "text");
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    lines = g_strdup_printf("[approval]\nallowed_signers=%s/signers\n", bench->folder);
    bench->config = config_parse(lines, "test", NULL, NULL);
    g_assert_nonnull(bench->config);
    *state = bench;
    return 0;
}

static int
bench_tear_down(void **state)
{
    Bench *bench = *state;

    shell(bench, "rm -rf \"$PWD\"");
    config_free(bench->config);
    g_free(bench->folder);
    g_free(bench);
    return 0;
}

/* The text, signed with that key (a .pub of a certificate signs as the certificate). */
static char *
sign(const Bench *bench, const char *key, const char *space)
{
    g_autofree char *line =
        g_strdup_printf("ssh-keygen -q -Y sign -f %s -n %s < text > sig 2>sign.err", key, space);
    g_autofree char *path = at(bench, "sig");
    g_autoptr(GError) error = NULL;
    char *armored;

    shell(bench, line);
    armored = signature_read(path, &error);
    if (!armored)
        fail_msg("%s", error->message);
    return armored;
}

static void
assert_signer(const Bench *bench, const char *key, const char *who)
{
    g_autofree char *armored = sign(bench, key, "creditbot"), *principal = NULL;
    g_autoptr(GError) error = NULL;

    if (!signature_check(bench->config, text, armored, 0, &principal, &error))
        fail_msg("%s: %s", key, error->message);
    assert_string_equal(principal, who);
}

static void
assert_refused(const Bench *bench, const char *of, const char *armored, int code, const char *words)
{
    g_autofree char *principal = NULL;
    g_autoptr(GError) error = NULL;

    assert_false(signature_check(bench->config, of, armored, 0, &principal, &error));
    assert_null(principal);
    if (error->code != code || !strstr(error->message, words))
        fail_msg("%s: not \"%s\"", error->message, words);
    for (const char *p = error->message; *p; p++)
        assert_true((guchar)*p >= ' ' && *p != 0x7f);
}

static void
keys_of_every_kind_name_their_owner(void **state)
{
    const Bench *bench = *state;

    assert_signer(bench, "ed25519", "mara@example.com");
    assert_signer(bench, "rsa", "ivo@example.com");
    assert_signer(bench, "ecdsa", "juri@example.com");
    assert_signer(bench, "bearer-cert.pub", "ines@example.com");
    /* Of the names of a key, the first that a person can bear. */
    assert_signer(bench, "two", "two@example.com");
}

/* Else somebody with two names in the file would count as two persons. */
static void
a_name_that_is_mapped_goes_before_others(void **state)
{
    const Bench *bench = *state;
    g_autofree char *armored = sign(bench, "two", "creditbot"), *principal = NULL;
    g_autofree char *lines =
        g_strdup_printf("[approval]\nallowed_signers=%s/signers\n"
                        "signers=two=mara;deux@example.com=mara;two@example.co=ivo\n",
                        bench->folder);
    g_autoptr(Config) mapped = config_parse(lines, "test", NULL, NULL);

    assert_true(signature_check(mapped, text, armored, 0, &principal, NULL));
    assert_string_equal(principal, "deux@example.com");
}

static void
another_text_is_no_approval(void **state)
{
    const Bench *bench = *state;
    g_autofree char *armored = sign(bench, "ed25519", "creditbot");

    assert_refused(bench, "creditbot-approval-1\nrequest=8\n", armored, ERR_ILLEGAL,
                   "signed another text: has the request been rerun or taken back");
    g_autofree char *longer = g_strconcat(text, "\n", NULL);
    assert_refused(bench, longer, armored, ERR_ILLEGAL, "another text");
}

static void
who_may_not_is_refused(void **state)
{
    const Bench *bench = *state;
    const struct {
        const char *key, *space;
        int code;
        const char *words;
    } cases[] = {
        {"stranger", "creditbot", ERR_ILLEGAL, "nobody who may approve: ED25519 key SHA256:"},
        {"bearer", "creditbot", ERR_ILLEGAL, "nobody who may approve"},
        {"old", "creditbot", ERR_ILLEGAL, "no longer valid"},
        {"early", "creditbot", ERR_ILLEGAL, "not valid yet"},
        {"ed25519", "file", ERR_INPUT, "-n creditbot"},
        {"other", "creditbot", ERR_ILLEGAL, "other things than approvals"},
        {"any", "creditbot", ERR_ILLEGAL, "patterns"},
        {"evil-cert.pub", "creditbot", ERR_ILLEGAL, "control characters"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *armored = sign(bench, cases[i].key, cases[i].space);

        assert_refused(bench, text, armored, cases[i].code, cases[i].words);
    }
}

static void
a_key_counts_at_its_time(void **state)
{
    const Bench *bench = *state;
    g_autofree char *armored = sign(bench, "old", "creditbot"), *principal = NULL;
    gint64 in_2019 = G_GINT64_CONSTANT(1560000000) * G_USEC_PER_SEC;
    g_autoptr(GError) error = NULL;

    assert_true(signature_check(bench->config, text, armored, in_2019, &principal, &error));
    assert_string_equal(principal, "left@example.com");
}

static void
garbage_is_no_signature(void **state)
{
    const Bench *bench = *state;
    g_autofree char *good = sign(bench, "ed25519", "creditbot");
    g_autofree char *end = g_strdup(strstr(good, "-----END"));
    g_autofree char *large = g_strnfill(SIGNATURE_MAX, 'A');
    g_autofree char *cut = g_strndup(good, strlen(good) / 2);
    g_autofree char *empty = g_strconcat("-----BEGIN SSH SIGNATURE-----\n", end, NULL);
    g_autofree char *wrong = g_strconcat("-----BEGIN SSH SIGNATURE-----\nAAAA\n", end, NULL);
    g_autofree char *control = g_strconcat("-----BEGIN SSH SIGNATURE-----\n\033[2J\n", end, NULL);
    g_autofree char *huge = g_strconcat("-----BEGIN SSH SIGNATURE-----\n", large, "\n", end, NULL);
    g_autofree char *twice = g_strconcat(good, "\n", good, NULL);

    assert_refused(bench, text, "", ERR_INPUT, "no signature");
    assert_refused(bench, text, "garbage", ERR_INPUT, "no signature");
    assert_refused(bench, text, cut, ERR_INPUT, "no signature");
    assert_refused(bench, text, empty, ERR_INPUT, "no whole signature");
    assert_refused(bench, text, wrong, ERR_INPUT, "no whole signature");
    assert_refused(bench, text, control, ERR_INPUT, "no signature");
    assert_refused(bench, text, huge, ERR_INPUT, "no signature");
    assert_refused(bench, text, twice, ERR_INPUT, "no signature");
}

/* One byte of the armor at a time, in steps: never accepted, unless it stands for the same bytes.
 */
static void
a_changed_signature_is_refused(void **state)
{
    const Bench *bench = *state;
    g_autofree char *good = sign(bench, "ed25519", "creditbot");
    const char *body = strchr(good, '\n') + 1;

    for (const char *p = body + 5; p < strstr(good, "\n-----END"); p += 17) {
        g_autofree char *bad = g_strdup(good), *principal = NULL;

        if (*p == '\n' || *p == '=')
            continue;
        bad[p - good] = *p == 'A' ? 'B' : 'A';
        assert_false(signature_check(bench->config, text, bad, 0, &principal, NULL));
    }
}

static void
files_that_others_write_are_refused(void **state)
{
    const Bench *bench = *state;
    g_autofree char *armored = sign(bench, "ed25519", "creditbot");
    g_autofree char *path = at(bench, "signers"), *aside = at(bench, "aside");
    g_autofree char *chmod_line = g_strdup_printf("chmod go-w %s", path);

    g_chmod(path, 0666);
    assert_refused(bench, text, armored, ERR_CONFIG, chmod_line);
    g_chmod(path, 0620);
    assert_refused(bench, text, armored, ERR_CONFIG, chmod_line);
    g_chmod(path, 0644);
    g_chmod(bench->folder, 0777);
    assert_refused(bench, text, armored, ERR_CONFIG, "chmod o-w");
    g_chmod(bench->folder, 0700);
    g_rename(path, aside);
    assert_refused(bench, text, armored, ERR_CONFIG, "No such file");
    g_mkdir(path, 0700);
    assert_refused(bench, text, armored, ERR_CONFIG, "is no file");
    g_rmdir(path);
    g_rename(aside, path);
    assert_signer(bench, "ed25519", "mara@example.com");
}

static void
nothing_configured_or_installed_is_said(void **state)
{
    const Bench *bench = *state;
    g_autofree char *armored = sign(bench, "ed25519", "creditbot"), *principal = NULL;
    g_autofree char *was = g_strdup(g_getenv("PATH"));
    g_autoptr(Config) plain = config_parse("", "test", NULL, NULL);
    g_autoptr(GError) error = NULL;

    assert_false(signature_check(plain, text, armored, 0, &principal, &error));
    assert_int_equal(error->code, ERR_CONFIG);
    assert_non_null(strstr(error->message, "[approval] allowed_signers"));
    g_setenv("PATH", bench->folder, TRUE);
    assert_refused(bench, text, armored, ERR_CONFIG, "install OpenSSH's client");
    g_setenv("PATH", was, TRUE);
}

/* What a doctor says, before anybody needs it. */
static void
readiness_is_told(void **state)
{
    const Bench *bench = *state;
    g_autofree char *was = g_strdup(g_getenv("PATH")), *words = NULL, *path = at(bench, "signers");
    g_autofree char *aside = at(bench, "aside");
    g_autoptr(GError) error = NULL;

    assert_true(signature_ready(bench->config, &words, &error));
    assert_true(g_str_has_suffix(words, " lines of signers"));
    g_setenv("PATH", bench->folder, TRUE);
    assert_false(signature_ready(bench->config, &words, &error));
    g_setenv("PATH", was, TRUE);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    assert_non_null(strstr(error->message, "no ssh-keygen"));
    g_clear_error(&error);
    g_rename(path, aside);
    assert_true(g_file_set_contents_full(path, "# nobody yet\n\n", -1, G_FILE_SET_CONTENTS_NONE,
                                         0600, NULL));
    assert_false(signature_ready(bench->config, &words, &error));
    assert_non_null(strstr(error->message, "names nobody"));
    g_rename(aside, path);
}

/* What the program leaves is nothing, and what it starts sees nothing of ours. */
static void
nothing_is_left_and_nothing_is_told(void **state)
{
    const Bench *bench = *state;
    g_autofree char *armored = sign(bench, "ed25519", "creditbot"), *principal = NULL;
    g_autofree char *path = g_strdup(g_getenv("PATH")), *temp = at(bench, "tmp");
    g_autofree char *bin = at(bench, "bin"), *fake = at(bench, "bin/ssh-keygen");
    g_autofree char *with = g_strconcat(bin, ":", path, NULL), *env = at(bench, "env");
    g_autofree char *script = g_strdup_printf("#!/bin/sh\nenv >> %s\nls -ln \"$4\" >> %s\n"
                                              "PATH=%s exec ssh-keygen \"$@\"\n",
                                              env, env, path);
    g_autofree char *seen = NULL;

    g_mkdir(temp, 0700);
    g_mkdir(bin, 0700);
    assert_true(g_file_set_contents(fake, script, -1, NULL));
    g_chmod(fake, 0700);
    g_setenv("TMPDIR", temp, TRUE);
    g_setenv("SLACK_BOT_TOKEN", "xoxb-planted", TRUE);
    g_setenv("PATH", with, TRUE);
    assert_true(signature_check(bench->config, text, armored, 0, &principal, NULL));
    g_setenv("PATH", path, TRUE);
    g_unsetenv("SLACK_BOT_TOKEN");
    g_unsetenv("TMPDIR");
    assert_int_equal(g_rmdir(temp), 0); /* it was empty */
    assert_true(g_file_get_contents(env, &seen, NULL, NULL));
    assert_non_null(strstr(seen, "LC_ALL=C"));
    assert_non_null(strstr(seen, "-rw-------"));
    assert_null(strstr(seen, "planted"));
    assert_null(strstr(seen, "HOME="));
}

/* One that hangs, with a child that holds its pipes, and one that never stops talking. */
static void
a_program_that_hangs_is_ended(void **state)
{
    (void)state;
    const char *const hangs[] = {"sh", "-c", "sleep 60 & sleep 60", NULL};
    const char *const closes[] = {"sh", "-c", "exec >&- 2>&-; sleep 60", NULL};
    const char *const talks[] = {"sh", "-c", "while :; do echo 0123456789; done", NULL};
    const char *const *all[] = {hangs, closes, talks};

    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        g_auto(Keygen) run = {0};
        g_autoptr(GError) error = NULL;
        gint64 begin = g_get_monotonic_time();

        assert_false(keygen_run(all[i], NULL, G_USEC_PER_SEC / 5, &run, &error));
        assert_int_equal(error->code, ERR_TIMEOUT);
        assert_true(g_get_monotonic_time() - begin < 10 * G_USEC_PER_SEC);
    }
}

static void
the_text_says_what_is_approved(void **state)
{
    (void)state;
    char channel[] = "C0001", ts[] = "1788999990.000100", currency[] = "USD", digest[] = "00ff";
    char customer[] = "Ex\xc3\xa4mple\nrun=9\\\x1b[2J";
    Request request = {.id = 42, .channel = channel, .ts = ts};
    Run run = {.number = 3,
               .amount = 904170000,
               .currency = currency,
               .customer = customer,
               .digest = digest};
    Approval valid = {.id = 1}, taken_back = {.id = 2, .voided_at = 5};
    g_autoptr(GPtrArray) approvals = g_ptr_array_new();
    g_ptr_array_add(approvals, &valid);
    g_ptr_array_add(approvals, &taken_back);
    g_autofree char *made = signature_text(&request, &run, approvals);

    assert_string_equal(made, "creditbot-approval-1\n"
                              "request=42\n"
                              "channel=C0001\n"
                              "ts=1788999990.000100\n"
                              "customer=Ex\\xc3\\xa4mple\\x0arun=9\\x5c\\x1b[2J\n"
                              "amount=904.17\n"
                              "currency=USD\n"
                              "run=3\n"
                              "digest=00ff\n"
                              "voided=1\n");
    request.corrects = 41;
    g_autofree char *correction = signature_text_voided(&request, &run, 0);
    assert_non_null(strstr(correction, "request=42\ncorrects=41\n"));
    assert_true(g_str_has_suffix(correction, "\nvoided=0\n"));
}

static void
a_file_is_read_with_limits(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = at(bench, "large"), *large = g_strnfill(SIGNATURE_MAX + 1, 'A');
    g_autofree char *none = at(bench, "none"), *zero = at(bench, "zero");
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(path, large, -1, NULL));
    assert_null(signature_read(path, &error));
    assert_int_equal(error->code, ERR_INPUT);
    assert_non_null(strstr(error->message, "larger than 64 KiB"));
    g_clear_error(&error);
    assert_null(signature_read(none, &error));
    assert_int_equal(error->code, ERR_USAGE);
    g_clear_error(&error);
    assert_null(signature_read("/dev/zero", &error));
    assert_int_equal(error->code, ERR_INPUT);
    g_clear_error(&error);
    g_autofree char *armored = sign(bench, "ed25519", "creditbot");
    g_autofree char *with_zero = g_strconcat(armored, "\n", NULL);
    with_zero[40] = '\0';
    assert_true(g_file_set_contents(zero, with_zero, (gssize)strlen(armored) + 1, NULL));
    assert_null(signature_read(zero, &error));
    assert_int_equal(error->code, ERR_INPUT);
}

#define CASE(name) cmocka_unit_test(name)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keys_of_every_kind_name_their_owner),
        CASE(a_name_that_is_mapped_goes_before_others),
        CASE(another_text_is_no_approval),
        CASE(who_may_not_is_refused),
        CASE(a_key_counts_at_its_time),
        CASE(garbage_is_no_signature),
        CASE(a_changed_signature_is_refused),
        CASE(files_that_others_write_are_refused),
        CASE(nothing_configured_or_installed_is_said),
        CASE(readiness_is_told),
        CASE(nothing_is_left_and_nothing_is_told),
        CASE(a_program_that_hangs_is_ended),
        CASE(the_text_says_what_is_approved),
        CASE(a_file_is_read_with_limits),
    };
    g_autofree char *program = g_find_program_in_path("ssh-keygen");

    if (!program) {
        print_message("there is no ssh-keygen here\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
