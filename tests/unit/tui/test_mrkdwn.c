/* test_mrkdwn.c: messages as Slack shows them; hostile ones stay text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/mrkdwn.h"

static MrkdwnNames
some_names(void)
{
    MrkdwnNames names = {g_hash_table_new(g_str_hash, g_str_equal),
                         g_hash_table_new(g_str_hash, g_str_equal)};
    static char mara[] = "mara", credits[] = "credits", user[] = "U0000001",
                channel[] = "C0CREDITS";
    g_hash_table_insert(names.users, user, mara);
    g_hash_table_insert(names.channels, channel, credits);
    return names;
}

static void
drop_names(MrkdwnNames *names)
{
    g_hash_table_unref(names->users);
    g_hash_table_unref(names->channels);
}

static Grid *
drawn(Doc *doc, int width, int height, gboolean ascii)
{
    Grid *grid = grid_new(width, height, ascii);
    doc_draw(doc, grid, grid_whole(grid));
    return grid;
}

static void
expect(const char *mrkdwn, const char *expected)
{
    MrkdwnNames names = some_names();
    Doc *doc = doc_new(FALSE);
    mrkdwn_write(doc, mrkdwn, &names);
    g_autofree char *text = doc_to_text(doc);
    assert_string_equal(text, expected);
    doc_free(doc);
    drop_names(&names);
}

static void
test_texts(void **state)
{
    static const struct {
        const char *mrkdwn, *shown;
    } samples[] = {
        {"", ""},
        {"plain", "plain\n"},
        {"a\n\nb", "a\n\nb\n"},
        {"*bold* _it_ ~gone~ `c*o*de`", "bold it ~gone~ c*o*de\n"},
        {"*not bold * and 2*3*4, snake_case_name", "*not bold * and 2*3*4, snake_case_name\n"},
        {"(*bold*), *both _of_ them*", "(bold), both of them\n"},
        {"*open\nnext*", "*open\nnext*\n"},
        {"a &amp; b &lt;c&gt; &quot;", "a & b <c> &quot;\n"},
        {"<https://looker.example.com/looks/1>", "https://looker.example.com/looks/1\n"},
        {"<https://looker.example.com/looks/1|looker.example.com/looks/1>",
         "looker.example.com/looks/1\n"},
        {"see <https://evil.example.net/a?b=1&amp;c=2|https://looker.example.com>",
         "see https://looker.example.com (https://evil.example.net/a?b=1&c=2)\n"},
        {"<mailto:a@example.com|a@example.com>", "a@example.com\n"},
        {"<@U0000001> and <@U9> and <@U8|tom>", "@mara and @U9 and @tom\n"},
        {"<#C0CREDITS> <#C7|general> <#C8>", "#credits #general #C8\n"},
        {"<!here> <!channel|@channel> <!subteam^S1|@oncall> <!subteam^S2>",
         "@here @channel @oncall @S2\n"},
        {"<!date^1392734382^{date_num} at {time_secs}|fallback>", "2014-02-18 at 14:39:42 UTC\n"},
        {"<!date^1392734382^{date_short}^https://example.com/x|f>",
         "Feb 18, 2014 (https://example.com/x)\n"},
        {"<!date^soon^{date}|in a while>", "in a while\n"},
        {":warning: :+1::skin-tone-3: :no_such: 10:30:15", "⚠ 👍 :no_such: 10:30:15\n"},
        {"&gt; quoted *b*\nnot", "quoted b\nnot\n"},
        {"&gt;&gt;&gt; all\nof it", "all\nof it\n"},
        {"before ```\nSELECT *\nFROM <https://t>;\n``` after",
         "before \nSELECT *\nFROM https://t;\n"
         " after\n"},
        {"```never closed", "```never closed\n"},
        {"a < b", "a < b\n"},
        {"`` a", "`` a\n"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
        expect(samples[i].mrkdwn, samples[i].shown);
}

static void
test_roles(void **state)
{
    (void)state;
    Doc *doc = doc_new(FALSE);
    mrkdwn_write(doc, "*b* _i_ `c` ~s~ <https://example.com/x|l>", NULL);
    g_autoptr(Grid) grid = drawn(doc, 60, 3, FALSE);
    assert_int_equal(grid_cell(grid, 0, 0)->role, ROLE_STRONG);
    assert_int_equal(grid_cell(grid, 2, 0)->role, ROLE_EMPHASIS);
    assert_int_equal(grid_cell(grid, 4, 0)->role, ROLE_CODE);
    assert_int_equal(grid_cell(grid, 7, 0)->role, ROLE_DIM);
    assert_int_equal(grid_cell(grid, 10, 0)->role, ROLE_LINK);
    assert_string_equal(grid_link_url(grid, grid_cell(grid, 10, 0)->link), "https://example.com/x");
    doc_free(doc);
}

static const char rich[] =
    "{\"text\":\"not this\",\"blocks\":[{\"type\":\"rich_text\",\"elements\":["
    "{\"type\":\"rich_text_section\",\"elements\":["
    "{\"type\":\"text\",\"text\":\"Hi \"},{\"type\":\"user\",\"user_id\":\"U0000001\"},"
    "{\"type\":\"text\",\"text\":\" & <all>\",\"style\":{\"bold\":true}},"
    "{\"type\":\"emoji\",\"name\":\"eyes\"},"
    "{\"type\":\"link\",\"url\":\"https://looker.example.com/looks/8841\",\"text\":\"look\"},"
    "{\"type\":\"broadcast\",\"range\":\"here\"},{\"type\":\"channel\",\"channel_id\":\"C5\"},"
    "{\"type\":\"date\",\"timestamp\":1392734382,\"format\":\"{date_num}\"}]},"
    "{\"type\":\"rich_text_list\",\"style\":\"ordered\",\"elements\":["
    "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"one\"}]},"
    "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"two\"}]}]},"
    "{\"type\":\"rich_text_list\",\"style\":\"bullet\",\"indent\":1,\"elements\":["
    "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"in\"}]}]},"
    "{\"type\":\"rich_text_quote\",\"elements\":[{\"type\":\"text\",\"text\":\"said\"}]},"
    "{\"type\":\"rich_text_preformatted\",\"elements\":[{\"type\":\"text\",\"text\":\"a\\nb\"}]}]},"
    "{\"type\":\"header\",\"text\":{\"type\":\"plain_text\",\"text\":\"Head\"}},"
    "{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"*m*\"},"
    "\"fields\":[{\"type\":\"plain_text\",\"text\":\"*f*\"}],"
    "\"accessory\":{\"type\":\"button\",\"text\":{\"type\":\"plain_text\",\"text\":\"Go\"},"
    "\"url\":\"https://example.com/go\"}},"
    "{\"type\":\"divider\"},{\"type\":\"odd\"}],"
    "\"attachments\":[{\"title\":\"T\",\"title_link\":\"https://example.com/t\",\"text\":\"body\","
    "\"fields\":[{\"title\":\"k\",\"value\":\"v\"}],\"footer\":\"foot\"},"
    "{\"fallback\":\"only this\"}],"
    "\"files\":[{\"name\":\"a.csv\",\"mimetype\":\"text/csv\",\"size\":1000,\"preview\":\"x,y\"}]}";

static void
test_blocks(void **state)
{
    (void)state;
    MrkdwnNames names = some_names();
    g_autoptr(cJSON) json = json_parse(rich, strlen(rich), "test", NULL);
    assert_non_null(json);
    Doc *doc = doc_new(FALSE);
    doc_indent(doc, 1, 1);
    mrkdwn_message(doc, json, "fallback", &names);
    g_autoptr(Grid) grid = drawn(doc, 60, 40, FALSE);
    g_autofree char *text = grid_to_text(grid);
    static const char expected[] = " Hi @mara & <all>👀look\n"
                                   " (https://looker.example.com/looks/8841)@here#C52014-02-18\n"
                                   " 1. one\n"
                                   " 2. two\n"
                                   "   ◦ in\n"
                                   " ▎ said\n"
                                   " ┊ a\n"
                                   " ┊ b\n"
                                   " Head\n"
                                   " m\n"
                                   " *f*\n"
                                   " [ Go ] https://example.com/go\n"
                                   " ────────\n"
                                   " [a block of the kind 'odd']\n"
                                   "\n"
                                   " T (https://example.com/t)\n"
                                   " body\n"
                                   " k\n"
                                   " v\n"
                                   " foot\n"
                                   "\n"
                                   " only this\n"
                                   "\n"
                                   " [file] a.csv  text/csv, 1.0 kB\n"
                                   " ┊ x,y\n";
    g_autofree char *whole = g_strchomp(g_strdup(expected));
    assert_string_equal(g_strchomp(text), whole);
    doc_free(doc);
    drop_names(&names);
}

static void
test_fallback(void **state)
{
    static const char *const jsons[] = {"{}", "{\"blocks\":[],\"text\":\"\"}", "{\"blocks\":7}",
                                        "[]"};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(jsons); i++) {
        g_autoptr(cJSON) json = json_parse(jsons[i], strlen(jsons[i]), "test", NULL);
        Doc *doc = doc_new(FALSE);
        mrkdwn_message(doc, json, "the *raw* text", NULL);
        g_autofree char *text = doc_to_text(doc);
        assert_string_equal(text, "the raw text\n");
        doc_free(doc);
    }
    Doc *doc = doc_new(FALSE);
    mrkdwn_message(doc, NULL, NULL, NULL);
    assert_int_equal(doc_rows(doc, 10), 0);
    doc_free(doc);
}

/* Escape sequences, half sequences, endless nesting, and what takes long if it is sought often. */
static void
test_hostile(void **state)
{
    (void)state;
    g_autoptr(GString) text =
        g_string_new("\033[31m\xe2\x80\xae<https://x|\033]0;t\007> \xff\xfe *");
    for (guint i = 0; i < 100000; i++)
        g_string_append(text, i % 4 ? " *a" : " _b<:`");
    Doc *doc = doc_new(TRUE);
    mrkdwn_write(doc, text->str, NULL);
    g_autofree char *shown = doc_to_text(doc);
    for (const char *p = shown; *p; p++)
        assert_true(*p == '\n' || (*p >= ' ' && *p < 127));
    assert_non_null(strstr(shown, "too long"));
    doc_free(doc);
}

/* Random mixes of all that means something: no crash, nothing unprintable. */
static void
test_random(void **state)
{
    static const char *const words[] = {
        "*",  "_",    "~", "`", "```", "<", ">", "|",  "@U1",  "!",      "#C",
        "\n", "&gt;", "^", ":", "a",   " ", "é", "日", "\033", "{date}", "!date^1^{time}",
        ":x:"};
    (void)state;
    GRand *random = g_rand_new_with_seed(7);
    for (guint i = 0; i < 20000; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        guint n = (guint)g_rand_int_range(random, 0, 24);
        for (guint k = 0; k < n; k++)
            g_string_append(text, words[g_rand_int_range(random, 0, G_N_ELEMENTS(words))]);
        Doc *doc = doc_new(FALSE);
        mrkdwn_write(doc, text->str, NULL);
        g_autofree char *shown = doc_to_text(doc);
        assert_null(strchr(shown, '\033'));
        assert_true(g_utf8_validate(shown, -1, NULL));
        doc_free(doc);
    }
    g_rand_free(random);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_roles),
        cmocka_unit_test(test_blocks),  cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
