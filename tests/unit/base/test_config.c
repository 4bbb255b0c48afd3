/* test_config.c: what loads, what is refused and why, and who wins. */
#include "tests/unit/base/cmocka_base.h"

#include "base/config.h"
#include "base/error.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
no_env(const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static const char *
some_env(const char *name)
{
    static const struct {
        const char *name, *value;
    } all[] = {{"SLACK_BOT_TOKEN", "xoxb-environment"},
               {"LOOKER_CLIENT_ID", "id-environment"},
               {"LOOKER_CLIENT_SECRET", "secret-environment"},
               {"PRESTO_USERNAME", "user-environment"},
               {"PRESTO_PASSWORD", ""},
               {"DRY_RUN", "False"}};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        if (strcmp(all[i].name, name) == 0)
            return all[i].value;
    }
    return NULL;
}

static Config *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(text, "test.conf", no_env, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

static void
test_defaults(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse("");
    assert_true(config_bool(config, "general", "dry_run"));
    assert_int_equal(config_int(config, "general", "workers"), 8);
    assert_string_equal(config_string(config, "general", "timezone"), "UTC");
    assert_string_equal(config_string(config, "slack", "base_url"), "https://slack.com/api");
    assert_true(config_duration(config, "slack", "lookback") == 604800 * (gint64)G_USEC_PER_SEC);
    assert_string_equal(config_string(config, "approval", "mode"), "required");
    assert_true(config_bool(config, "approval", "hold_unusual"));
    assert_false(config_bool(config, "approval", "allow_self"));
    assert_true(config_amount(config, "approval", "second_above") == -1);
    assert_true(config_duration(config, "posting", "hold") == 10 * (gint64)G_USEC_PER_SEC);
    assert_int_equal(config_int(config, "retry", "attempts"), 3);
    assert_null(config_string(config, "slack", "token"));
    assert_null(config_list(config, "slack", "channels")[0]);
    assert_string_equal(config_string(config, "product.any", "action"), "calculate");
    assert_false(config_is_set(config, "general", "workers"));
    assert_null(config_file(config));
}

static void
test_values(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse("\xEF\xBB\xBF# desk\r\n"
                                     "[slack]\r\n"
                                     "channels = #credit; C0123456789 ;;\r\n"
                                     "base_url=http://127.0.0.1:8080/api//\n"
                                     "lookback=1h30m \t\n"
                                     "token=xoxb-1  \r\n"
                                     "\n"
                                     "  [approval]  \n"
                                     "second_above=10000.50\n"
                                     "allow_self=Yes\n"
                                     "expires=\n"
                                     "[product.verify]\nmatch=Auth\\\\y = x\n"
                                     "[product.psms]\naction=ignore\n"
                                     "[probe.edi.lag]\nkind=tcp\nport=9092\n"
                                     "[keys]\napprove=a\nqueue.down=j\n");
    const char *const *channels = config_list(config, "slack", "channels");
    assert_string_equal(channels[0], "#credit");
    assert_string_equal(channels[1], "C0123456789");
    assert_null(channels[2]);
    assert_string_equal(config_string(config, "slack", "base_url"), "http://127.0.0.1:8080/api");
    assert_true(config_duration(config, "slack", "lookback") == 5400 * (gint64)G_USEC_PER_SEC);
    assert_string_equal(config_string(config, "slack", "token"), "xoxb-1");
    assert_true(config_amount(config, "approval", "second_above") == 10000500000);
    assert_true(config_bool(config, "approval", "allow_self"));
    assert_true(config_duration(config, "approval", "expires") == 86400 * (gint64)G_USEC_PER_SEC);
    assert_false(config_is_set(config, "approval", "expires"));
    assert_true(config_is_set(config, "approval", "allow_self"));
    assert_string_equal(config_string(config, "product.verify", "match"), "Auth\\y = x");
    assert_int_equal(config_int(config, "probe.edi.lag", "port"), 9092);
    assert_string_equal(config_string(config, "keys", "queue.down"), "j");
    assert_null(config_string(config, "keys", "reject"));
    g_auto(GStrv) products = config_sections(config, "product.");
    assert_string_equal(products[0], "product.verify");
    assert_string_equal(products[1], "product.psms");
    assert_null(products[2]);
}

static void
test_keys_set(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse("[keys]\nreject=x\napprove=a\nquit=\n[general]\nworkers=4\n");
    g_auto(GStrv) keys = config_keys_set(config, "keys");
    g_auto(GStrv) general = config_keys_set(config, "general");
    g_auto(GStrv) none = config_keys_set(config, "slack");
    const char *const want[] = {"approve", "reject", NULL}, *const one[] = {"workers", NULL};
    assert_true(g_strv_equal((const char *const *)keys, want));
    assert_true(g_strv_equal((const char *const *)general, one));
    assert_null(none[0]);
    assert_string_equal(config_origin(config, "keys", "approve"), "test.conf:3");
    assert_string_equal(config_origin(config, "keys", "quit"), "default");
}

typedef struct {
    const char *text;
    const char *parts[3]; /* what the error says */
} Refusal;

static void
test_refused(void **state)
{
    (void)state;
    static const Refusal cases[] = {
        {"[slack]\n\nchanels=#a", {"test.conf:3", "chanels", "did you mean channels?"}},
        {"[slak]\n", {"test.conf:1", "[slak]", "did you mean [slack]?"}},
        {"[general]\nworkers=4\n[approvals]\n", {"test.conf:3", "did you mean [approval]?"}},
        {"[general]\nlookback=3d", {"test.conf:2", "belongs to [slack]"}},
        {"[products.x]\n", {"did you mean [product.NAME]?"}},
        {"[product.]\n", {"no section [product.]"}},
        {"[product]\n", {"no section [product]"}},
        {"[product.a.b]\n", {"no section [product.a.b]"}},
        {"[probe.a]\n", {"[probe.NAME.PROBE]"}},
        {"[general]\nzzzzzzzz=1", {"no key 'zzzzzzzz'", "docs/configuration.md"}},
        {"[general]\nworkers=0", {"test.conf:2", "from 1 to 64"}},
        {"[general]\nworkers=65", {"from 1 to 64"}},
        {"[general]\nworkers=8x", {"'8x'"}},
        {"[general]\nworkers=99999999999999999999", {"from 1 to 64"}},
        {"[warehouse]\nmax_rows=0", {"at least 1"}},
        {"[general]\ndry_run=maybe", {"neither true nor false"}},
        {"[slack]\nlookback=7", {"[slack] lookback", "not a duration"}},
        {"[approval]\nauto_limit=-1", {"negative"}},
        {"[approval]\nauto_limit=1,000", {"not an amount"}},
        {"[approval]\nauto_limit=0.0000001", {"six decimals"}},
        {"[approval]\nmode=Auto", {"required, auto", "did you mean auto?"}},
        {"[slack]\nbase_url=http://slack.com/api", {"plain http", "slack.com", "use https"}},
        {"[slack]\nbase_url=http://127.0.0.1.example.com", {"plain http"}},
        {"[slack]\nbase_url=http://10.0.0.1", {"plain http"}},
        {"[slack]\nbase_url=http://128.0.0.1", {"plain http"}},
        {"[slack]\nbase_url=http://[::2]", {"plain http"}},
        {"[slack]\nbase_url=http://127.1", {"plain http"}},
        {"[slack]\nbase_url=http://localhost.example.com", {"plain http"}},
        {"[slack]\nbase_url=https://u:hunter2@h.example.com", {"user name or a password"}},
        {"[slack]\nbase_url=slack.com", {"not a URL", "https://"}},
        {"[slack]\nbase_url=https://", {"not a URL"}},
        {"[slack]\nbase_url=file:///etc/passwd", {"not a URL"}},
        {"[slack]\nbase_url=ftp://h.example.com", {"neither https nor http"}},
        {"[slack]\nbase_url=https://h.example.com?x=hunter2", {"'?' or '#'"}},
        {"[slack]\nbase_url=https://h.example.com/a b", {"blank"}},
        {"[slack]\nbase_url=https://h.example.com\\\\@evil.example", {"cannot have"}},
        {"[log]\nfile=~other/x", {"only one's own ~"}},
        {"[log]\nfile=$PATH/x", {"$HOME"}},
        {"[slack]\ntoken=xoxb\\nhunter2", {"[slack] token", "control character"}},
        {"[slack]\ntoken xoxb-hunter2", {"test.conf:2", "neither a [section]"}},
        {"=hunter2", {"test.conf:1", "neither a [section]"}},
        {"token=hunter2", {"test.conf:1", "before the first [section]"}},
        {"[slack\ntoken=hunter2", {"test.conf:1", "does not end with ]"}},
        {"[]\n", {"test.conf:1"}},
        {"[slack]\ntoken=a\n[slack]\ntoken=hunter2", {"test.conf:4", "line 2"}},
        {"[slack]\ntoken[de]=hunter2", {"no key 'token[de]'"}},
        {"[slack]\nerror_user=\xFF", {"test.conf:2", "UTF-8"}},
        {"[slack]\nerror_user=\\q", {"test.conf:2", "backslash"}},
        {"[slack]\nerror_user=a\\", {"test.conf:2", "backslash"}},
        {"[slack]\nchannels=\xFF", {"test.conf:2", "UTF-8"}},
        {"[product.a\xFF]\n", {"test.conf:1", "no name has"}},
        {"[product.a\033b]\n", {"test.conf:1", "no name has"}},
        {"[product.a\xE2\x80\xAE]\n", {"test.conf:1", "no name has"}},
        {"[keys]\na[b]=x", {"test.conf:2", "no name has"}},
        {"[slack]\n;comment", {"test.conf:2", "# comment"}},
        {"[\033[2J]\n", {"no section"}},
        {"[general]\ntimezone=Mars/Olympus", {"not a time zone"}},
        {"[calculator.verify]\ncurrency=dollars", {"not a currency"}},
        {"[warehouse]\nsession=a=b;c", {"'c'", "name=value"}},
        {"[approval]\nslack_users=ann=", {"name=value"}},
        {"[backup]\nevery=sometimes", {"not a duration"}},
        {"[store]\nurl=mysql://u:hunter2@h", {"sqlite:", "postgresql://"}},
        {"[secrets]\nprovider=file", {"file=PATH"}},
        {"[secrets]\nprovider=file\nfile=/nonexistent/x", {"no file /nonexistent/x"}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_parse(cases[i].text, "test.conf", no_env, &error);
        if (config)
            fail_msg("this was loaded: %s", cases[i].text);
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
        for (gsize k = 0; k < G_N_ELEMENTS(cases[i].parts) && cases[i].parts[k]; k++)
            assert_has(error->message, cases[i].parts[k]);
        assert_null(strstr(error->message, "hunter2"));
        assert_null(strchr(error->message, '\033'));
    }
}

static void
test_loopback(void **state)
{
    (void)state;
    static const char *const good[] = {
        "http://127.0.0.1",    "http://127.200.1.9:8080", "http://localhost:1",
        "http://[::1]:8080/x", "HTTP://LOCALHOST",        "https://any.example.com:8443/x",
    };
    g_autoptr(Config) config = parse("");
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        if (!config_set(config, "looker", "base_url", good[i], &error))
            fail_msg("%s: %s", good[i], error->message);
        assert_string_equal(config_string(config, "looker", "base_url"), good[i]);
    }
}

static void
test_environment(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_parse("[general]\ndry_run=true\n[slack]\ntoken=xoxb-file\n"
                                            "[warehouse]\nuser=user-file\npassword=password-file\n",
                                            "test.conf", some_env, &error);
    assert_non_null(config);
    assert_string_equal(config_string(config, "slack", "token"), "xoxb-environment");
    assert_string_equal(config_string(config, "looker", "client_id"), "id-environment");
    assert_string_equal(config_string(config, "looker", "client_secret"), "secret-environment");
    assert_string_equal(config_string(config, "warehouse", "user"), "user-environment");
    assert_string_equal(config_string(config, "warehouse", "password"), "password-file");
    assert_false(config_bool(config, "general", "dry_run"));
    g_autoptr(GPtrArray) secrets = config_secrets(config);
    assert_int_equal(secrets->len, 4);
    g_autofree char *shown = config_show(config);
    assert_has(shown, "# environment SLACK_BOT_TOKEN");
    assert_has(shown, "# test.conf:7");
    assert_true(config_set(config, "general", "dry_run", "true", NULL));
    assert_true(config_bool(config, "general", "dry_run"));
}

static const char *
bad_env(const char *name)
{
    return strcmp(name, "DRY_RUN") == 0 ? "perhaps" : NULL;
}

static void
test_set(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = parse("[general]\nworkers=4\n");
    assert_true(config_set(config, "general", "workers", "16", NULL));
    assert_int_equal(config_int(config, "general", "workers"), 16);
    assert_false(config_set(config, "general", "workers", "many", &error));
    assert_has(error->message, "command line");
    assert_int_equal(config_int(config, "general", "workers"), 16);
    assert_false(config_set(config, "general", "nothing", "1", NULL));
    assert_false(config_set(config, "nothing", "workers", "1", NULL));
    g_clear_error(&error);
    assert_null(config_parse("", "test.conf", bad_env, &error));
    assert_has(error->message, "DRY_RUN");
}

static void
test_show(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse("[slack]\ntoken=xoxb-hunter2\nerror_user=a\xC2\x9B"
                                     "31mb\n"
                                     "[product.verify]\nmatch=Authy\n[keys]\napprove=a\n");
    g_autofree char *shown = config_show(config);
    assert_null(strstr(shown, "hunter2"));
    assert_null(strstr(shown, "\xC2\x9B"));
    assert_has(shown, "token=(set) ");
    assert_has(shown, "client_id=(unset) ");
    assert_has(shown, "# test.conf:2\n");
    assert_has(shown, "[product.verify]\nmatch=Authy ");
    assert_has(shown, "[keys]\napprove=a ");
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (strchr(key->section, '*') || strcmp(key->key, "*") == 0)
            continue;
        g_autofree char *line = g_strdup_printf("\n%s=", key->key);
        assert_has(shown, line);
    }
}

static const char *
special_sample(const ConfigKey *key)
{
    static const struct {
        const char *key, *sample;
    } special[] = {
        {"timezone", "+02:00"},    {"currency", "EUR"},    {"session", "a=b;c=d"},
        {"slack_users", "ann=U1"}, {"every", "2h"},        {"response", "P1=15m"},
        {"update", "P1=30m"},      {"escalation", "1h=x"}, {"signers", "a@b=ann"},
    };
    if (strcmp(key->section, "store") == 0 && strcmp(key->key, "url") == 0)
        return "sqlite:/tmp/x.db";
    if (strcmp(key->section, "probe.*.*") == 0 || strcmp(key->section, "secrets") == 0)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(special); i++) {
        if (strcmp(special[i].key, key->key) == 0)
            return special[i].sample;
    }
    return NULL;
}

/* Every key of the table loads with a value of its type, in a section that its pattern allows. */
static void
test_every_key(void **state)
{
    (void)state;
    static const char *const samples[] = {
        [CONFIG_STRING] = "x",
        [CONFIG_SECRET] = "s3cret",
        [CONFIG_BOOL] = "false",
        [CONFIG_INT] = NULL,
        [CONFIG_DURATION] = "3s",
        [CONFIG_AMOUNT] = "0.25",
        [CONFIG_LIST] = "a;b",
        [CONFIG_ENUM] = NULL,
        [CONFIG_URL] = "https://x.example.com",
        [CONFIG_PATH] = "/tmp/x",
    };
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        g_autofree char *sample = g_strdup(samples[key->type]);
        const char *special = special_sample(key);
        if (special) {
            g_free(sample);
            sample = g_strdup(special);
        } else if (key->type == CONFIG_INT)
            sample = g_strdup(key->fallback ? key->fallback : "80");
        else if (key->type == CONFIG_ENUM)
            sample = g_strndup(key->choices, strcspn(key->choices, "|"));
        g_auto(GStrv) parts = g_strsplit(key->section, "*", -1);
        g_autofree char *section = g_strjoinv("some", parts);
        const char *name = strcmp(key->key, "*") == 0 ? "approve" : key->key;
        g_autofree char *text = g_strdup_printf("[%s]\n%s=%s\n", section, name, sample);
        g_autoptr(Config) config = parse(text);
        assert_true(config_is_set(config, section, name));
        assert_string_equal(config_string(config, section, name), sample);
        assert_true(strlen(key->help) > 4 && g_str_has_suffix(key->help, "."));
        assert_true(g_hash_table_add(seen, g_strconcat(key->section, " ", key->key, NULL)));
    }
}

/* The contract's own example, and a few keys of each section of it. */
static void
test_contract(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse(
        "[general]\ndry_run=true\nstate_dir=\nworkers=8\ntimezone=UTC\n"
        "[slack]\nbase_url=https://slack.com/api\nchannels=#help-credit;#other\nerror_user=U1\n"
        "lookback=7d\nask_for_link=never\n"
        "[looker]\nbase_url=https://looker.example.com\napi_url=\n"
        "[warehouse]\ndriver=presto\nurl=\nuser=\ncatalog=\nschema=\ntimeout=10m\nmax_rows=\n"
        "[product.verify]\nmatch=Authy\ncalculator=verify\n[product.psms]\nmatch=x\naction=ignore\n"
        "[calculator.verify]\n[calculator.notebook]\nfile=\nkernel=\ntimeout=\nhost=\n"
        "[calculator.command]\nargv=\n"
        "[approval]\nmode=required\nauto_limit=\nsecond_above=\nhold_unusual=true\nexpires=24h\n"
        "allow_self=false\napprovers=\nnotify_rejection=true\n"
        "[posting]\nhold=10s\nreadback_grace=5s\n[retry]\nattempts=3\ndelay=5m\n"
        "[store]\nurl=sqlite:/tmp/x.db\ngroup=\n[backup]\ns3_bucket=\nprefix=\nevery=pass\n"
        "[secrets]\nprovider=env\nname=credit-bot/"
        "credentials\n[aws]\nregion=\nendpoint=\nprofile=\n"
        "[airflow]\nurl=\ndag_id=credit_bot_automation\napi=v1\n"
        "[log]\nfile=\nlevel=\nformat=text\ncloudwatch_group=\n"
        "[system.edi]\ntitle=\nrunbook=\nseverity=\nresponse=\nupdate=\nescalation=\n"
        "[probe.edi.up]\nkind=http\nwarn=\ncrit=\n"
        "[ssh.bastion]\nhost=\nuser=\nport=\nkey=\njump=\n[keys]\napprove=a\n");
    assert_int_equal(config_int(config, "warehouse", "max_rows"), 1000000);
    assert_int_equal(config_int(config, "ssh.bastion", "port"), 22);
}

static void
test_paths(void **state)
{
    (void)state;
    g_autoptr(Config) config =
        parse("[log]\nfile=~/a.log\n[http]\nca_file=${HOME}/b.pem\n"
              "[warehouse]\npath=/c/~/d\n[secrets]\nfile=$XDG_CONFIG_HOME/e\n");
    g_autofree char *log = g_build_filename(g_get_home_dir(), "a.log", NULL);
    g_autofree char *ca = g_build_filename(g_get_home_dir(), "b.pem", NULL);
    g_autofree char *secrets = g_build_filename(g_get_user_config_dir(), "e", NULL);
    assert_string_equal(config_string(config, "log", "file"), log);
    assert_string_equal(config_string(config, "http", "ca_file"), ca);
    assert_string_equal(config_string(config, "warehouse", "path"), "/c/~/d");
    assert_string_equal(config_string(config, "secrets", "file"), secrets);
}

/* Mutated files: no crash, and an error is ours. */
static void
test_junk(void **state)
{
    (void)state;
    static const char seed_text[] = "[slack]\ntoken=x\nchannels=a;b\n[approval]\nauto_limit=5.5\n"
                                    "[general]\nworkers=4\n[log]\nfile=~/x\n";
    guint64 seed = 31;
    int loaded = 0;
    for (int i = 0; i < 10000; i++) {
        char text[sizeof seed_text];
        memcpy(text, seed_text, sizeof text);
        for (guint64 n = next_random(&seed) % 4; n > 0; n--)
            text[next_random(&seed) % (sizeof text - 1)] = (char)next_random(&seed);
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_parse(text, "junk", no_env, &error);
        loaded += config != NULL;
        if (!config)
            assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    }
    assert_true(loaded > 1000);
}

/* Names that no section can have come from states and options. */
static void
test_impossible_names(void **state)
{
    (void)state;
    static const char *const names[] = {"product.a.b", "product.", "product.x.\033[31m"};
    g_autoptr(Config) config = parse("[product.verify]\ntitle=Verify\n");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        assert_null(config_string(config, names[i], "title"));
    g_autoptr(GError) error = NULL;
    assert_false(config_set(config, "product.a.b", "title", "x", &error));
}

static void
test_child_environment(void **state)
{
    (void)state;
    assert_true(g_setenv("SLACK_BOT_TOKEN", "xoxb-planted", TRUE));
    g_auto(GStrv) env = config_child_environment();
    assert_null(g_environ_getenv(env, "SLACK_BOT_TOKEN"));
    assert_non_null(g_environ_getenv(env, "PATH"));
    g_unsetenv("SLACK_BOT_TOKEN");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_impossible_names),
        cmocka_unit_test(test_child_environment),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_contract),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_keys_set),
        cmocka_unit_test(test_junk),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
