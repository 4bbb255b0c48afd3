/* test_slack_codes.c: every error code in Slack's own method files has a sentence of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "base/json.h"
#include "services/slack_private.h"

static const char *const methods[] = {
    "auth.test",          "conversations.list", "conversations.info",    "conversations.history",
    "conversations.open", "users.info",         "conversations.replies", "chat.postMessage",
    "chat.getPermalink",
};

static void
check_file(const char *path)
{
    g_autofree char *text = NULL;
    gsize len = 0;
    g_autoptr(cJSON) root = NULL;
    const cJSON *code;

    if (!g_file_get_contents(path, &text, &len, NULL))
        fail_msg("%s cannot be read", path);
    root = json_parse(text, len, path, NULL);
    assert_non_null(root);
    assert_non_null(json_object(root, "errors"));
    cJSON_ArrayForEach (code, json_object(root, "errors")) {
        if (slack_error_lookup(code->string) == NULL)
            fail_msg("%s: no sentence for %s", path, code->string);
    }
}

static void
test_documented_codes(void **state)
{
    const char *srcdir = g_getenv("CREDITBOT_SRCDIR");
    g_autofree char *folder =
        g_build_filename(srcdir ? srcdir : ".", "..", "shared", "specs", "slack-methods", NULL);

    (void)state;
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        print_message("# skipped: no specifications at %s\n", folder);
        g_free(g_steal_pointer(&folder)); /* skip() jumps over the clean-up */
        skip();
    }
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *name = g_strconcat(methods[i], ".json", NULL);
        g_autofree char *path = g_build_filename(folder, name, NULL);

        check_file(path);
    }
}

/* The codes of protocols.md 1.4, which stand in no method's own file, and the classes they have. */
static void
test_common_codes(void **state)
{
    static const struct {
        const char *code;
        int kind;
    } cases[] = {
        {"access_denied", ERR_AUTH},
        {"account_inactive", ERR_AUTH},
        {"app_access_restricted", ERR_AUTH},
        {"channel_not_found", ERR_NOT_FOUND},
        {"fatal_error", ERR_BUSY},
        {"internal_error", ERR_BUSY},
        {"invalid_auth", ERR_AUTH},
        {"is_archived", ERR_REFUSED},
        {"missing_scope", ERR_AUTH},
        {"msg_too_long", ERR_REFUSED},
        {"not_authed", ERR_AUTH},
        {"not_in_channel", ERR_REFUSED},
        {"org_login_required", ERR_AUTH},
        {"rate_limited", ERR_RATE},
        {"ratelimited", ERR_RATE},
        {"request_timeout", ERR_BUSY},
        {"service_unavailable", ERR_BUSY},
        {"team_added_to_org", ERR_BUSY},
        {"token_expired", ERR_AUTH},
        {"token_revoked", ERR_AUTH},
        {"two_factor_setup_required", ERR_AUTH},
        {"unknown_method", ERR_REFUSED},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const SlackErrorCode *known = slack_error_lookup(cases[i].code);

        if (known == NULL) {
            fail_msg("%s is not known", cases[i].code);
            return;
        }
        assert_int_equal(known->kind, cases[i].kind);
        assert_true(strlen(known->sentence) > 20);
    }
    assert_null(slack_error_lookup(""));
    assert_null(slack_error_lookup("zzz"));
}

static void
test_sentences(void **state)
{
    g_autofree char *scope = slack_error_sentence("missing_scope", "chat:write");
    g_autofree char *no_scope = slack_error_sentence("missing_scope", NULL);
    g_autofree char *unknown = slack_error_sentence("new_code", NULL);

    (void)state;
    assert_non_null(strstr(scope, "chat:write"));
    assert_non_null(strstr(no_scope, "scope"));
    assert_non_null(strstr(unknown, "new_code"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documented_codes),
        cmocka_unit_test(test_common_codes),
        cmocka_unit_test(test_sentences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
