/* person.c: see person.h. */
#include "engine/person.h"

#include <pwd.h>
#include <string.h>

#define GROUP_SECTION "group."

/* What follows "name=" in an item of a list; NULL: it is another name's. */
static const char *
value_of(const char *item, const char *name)
{
    gsize length = strlen(name);

    return strncmp(item, name, length) == 0 && item[length] == '=' ? item + length + 1 : NULL;
}

/* The first name that is mapped to a Slack id. */
static char *
first_of_slack(const char *const *pairs, const char *slack)
{
    for (gsize i = 0; pairs[i]; i++) {
        const char *equals = strchr(pairs[i], '=');

        if (equals && g_str_equal(equals + 1, slack))
            return g_strndup(pairs[i], (gsize)(equals - pairs[i]));
    }
    return NULL;
}

char *
person_of_login(const Config *config, const char *name)
{
    const char *const *pairs = config_list(config, "approval", "slack_users");

    for (gsize i = 0; pairs[i]; i++) {
        const char *slack = value_of(pairs[i], name);

        if (slack)
            return first_of_slack(pairs, slack);
    }
    return g_strdup(name);
}

char *
person_of_principal(const Config *config, const char *principal)
{
    const char *const *pairs = config_list(config, "approval", "signers");

    for (gsize i = 0; pairs[i]; i++) {
        const char *name = value_of(pairs[i], principal);

        if (name)
            return person_of_login(config, name);
    }
    return person_of_login(config, principal);
}

gint64
person_uid(const char *name)
{
    struct passwd entry, *found = NULL;
    char buffer[16384];

    if (getpwnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found)
        return (gint64)found->pw_uid;
    return PERSON_UID_NONE;
}

char *
person_uid_map(void)
{
    g_autofree char *map = NULL;

    if (!g_file_get_contents("/proc/self/uid_map", &map, NULL, NULL))
        return g_strdup("unknown");
    g_auto(GStrv) words = g_strsplit_set(map, " \n", -1);
    g_autoptr(GString) line = g_string_new(NULL);
    for (gsize i = 0; words[i]; i++)
        if (*words[i])
            g_string_append_printf(line, "%s%s", line->len ? " " : "", words[i]);
    return g_str_equal(line->str, "0 0 4294967295") ? NULL : g_strdup(line->str);
}

gboolean
person_uid_is_chosen(void)
{
    g_autofree char *map = person_uid_map();
    g_auto(GStrv) words = g_strsplit(map ? map : "", " ", -1);

    return g_strv_length(words) == 3 && g_str_equal(words[2], "1");
}

/* The next Slack id of a person after *at; NULL: no further one. */
static const char *
next_slack(const Config *config, const char *person, gsize *at)
{
    const char *const *pairs = config_list(config, "approval", "slack_users");

    for (; pairs[*at]; (*at)++) {
        const char *equals = strchr(pairs[*at], '=');
        g_autofree char *name = equals ? g_strndup(pairs[*at], (gsize)(equals - pairs[*at])) : NULL;
        g_autofree char *whose = name ? person_of_login(config, name) : NULL;

        if (whose && g_str_equal(whose, person)) {
            (*at)++;
            return equals + 1;
        }
    }
    return NULL;
}

gboolean
person_has_slack(const Config *config, const char *person, const char *slack)
{
    gsize at = 0;

    for (const char *id; slack && (id = next_slack(config, person, &at));)
        if (g_str_equal(id, slack))
            return TRUE;
    return FALSE;
}

const char *
person_slack(const Config *config, const char *person)
{
    gsize at = 0;

    return next_slack(config, person, &at);
}

gboolean
person_in(const Config *config, const char *const *names, const char *person)
{
    for (gsize i = 0; names[i]; i++) {
        g_autofree char *one = person_of_login(config, names[i]);

        if (g_str_equal(one, person))
            return TRUE;
    }
    return FALSE;
}

const char *const *
person_group(const Config *config, const char *group)
{
    g_auto(GStrv) sections = config_sections(config, GROUP_SECTION);
    g_autofree char *section = g_strconcat(GROUP_SECTION, group, NULL);

    if (!g_strv_contains((const char *const *)sections, section))
        return NULL;
    return config_list(config, section, "members");
}

gboolean
person_in_group(const Config *config, const char *group, const char *person)
{
    const char *const *members = person_group(config, group);

    return members && person_in(config, members, person);
}

char *
person_groups(const Config *config, const char *person)
{
    g_auto(GStrv) sections = config_sections(config, GROUP_SECTION);
    g_autoptr(GString) groups = g_string_new(NULL);

    for (gsize i = 0; sections[i]; i++) {
        const char *group = sections[i] + strlen(GROUP_SECTION);

        if (person_in_group(config, group, person))
            g_string_append_printf(groups, "%s%s", groups->len ? ";" : "", group);
    }
    return groups->len ? g_strdup(groups->str) : NULL;
}

GPtrArray *
person_distinct(const Config *config, const char *const *names)
{
    GPtrArray *persons = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; names[i]; i++) {
        char *person = person_of_login(config, names[i]);

        if (g_ptr_array_find_with_equal_func(persons, person, g_str_equal, NULL))
            g_free(person);
        else
            g_ptr_array_add(persons, person);
    }
    return persons;
}

char *
person_words(const GPtrArray *persons)
{
    GString *words = g_string_new(NULL);

    for (guint i = 0; i < persons->len; i++)
        g_string_append_printf(words, "%s%s",
                               i == 0                  ? ""
                               : i + 1 == persons->len ? " or "
                                                       : ", ",
                               (const char *)g_ptr_array_index(persons, i));
    return g_string_free(words, FALSE);
}
