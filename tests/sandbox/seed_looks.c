/* seed_looks.c: Looker's looks, queries, dashboards and SQL Runner queries over the seeded data. */
#include "config.h"
#include "seed.h"

#include <string.h>

/* The SQL as Looker writes it: aliases in quotes, spaces before closing brackets. It reads the 42
 * days before until_us. */
static char *
look_sql(Db *db, const char *account, const char *detail, const char *country, const char *product,
         gint64 until_us)
{
    g_autofree char *sid = db_text(db, "SELECT sid FROM account WHERE name=?", "s", account);
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(until_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) from = g_date_time_add_days(now, -42);
    g_autofree char *first = g_date_time_format(from, "%Y-%m-%d");
    g_autofree char *last = g_date_time_format(now, "%Y-%m-%d");
    g_autofree char *extra =
        detail != NULL ? g_strdup_printf("    verify_attempts.%s  AS \"verify_attempts.%s\",\n",
                                         detail, detail)
                       : g_strdup("");
    g_autofree char *where =
        country != NULL ? g_strdup_printf(" AND (verify_attempts.country ) = '%s'", country)
                        : g_strdup("");
    return g_strdup_printf(
        "SELECT\n"
        "    verify_attempts.day AS \"verify_attempts.created_date\",\n"
        "    verify_attempts.account_name  AS \"verify_attempts.account_name\",\n"
        "    verify_attempts.country  AS \"verify_attempts.country\",\n"
        "%s"
        "    COALESCE(SUM(verify_attempts.attempts ), 0) AS \"verify_attempts.attempts\",\n"
        "    COALESCE(SUM(verify_attempts.conversions ), 0) AS \"verify_attempts.conversions\",\n"
        "    COALESCE(SUM(verify_attempts.cost ), 0) AS \"verify_attempts.cost\"\n"
        "FROM analytics.verify_attempts  AS verify_attempts\n"
        "WHERE (verify_attempts.product ) = '%s' AND (verify_attempts.account_sid ) = '%s'"
        " AND ((verify_attempts.day ) >= (DATE '%s') AND (verify_attempts.day ) < (DATE '%s'))%s\n"
        "GROUP BY\n    1,\n    2,\n    3%s\nORDER BY\n    1 DESC",
        extra, product, sid != NULL ? sid : "AC0", first, last, where,
        detail != NULL ? ",\n    4" : "");
}

static void
add_query(Db *db, const char *id, const char *slug, const char *sql, gboolean fill, gboolean totals)
{
    db_exec(db, "INSERT INTO query VALUES(?,?,'messaging','verify_attempts',?,500,?,?)", "sssii",
            id, slug, sql, (gint64)fill, (gint64)totals);
}

static const struct {
    int number; /* look; its query is 1000 more */
    const char *slug;
    const char *account, *detail, *product;
    gboolean fill, totals;
    const char *country;
} looks[] = {
    {8841, "aB3dE5fG7hJ9kL1mN3pQ5r", "acme-payments", NULL, "Authy", TRUE, TRUE, NULL},
    {8842, "nW1dE5fG7hJ9kL1mN3pQ5r", "northwind", NULL, "Authy", TRUE, FALSE, NULL},
    {8843, "gL0bE5fG7hJ9kL1mN3pQ5r", "globex", "prefix", "Authy", FALSE, FALSE, NULL},
    {8844, "iN1tE5fG7hJ9kL1mN3pQ5r", "initech", NULL, "Authy", FALSE, TRUE, NULL},
    {8845, "uM8rE5fG7hJ9kL1mN3pQ5r", "umbrella", NULL, "Authy", TRUE, FALSE, NULL},
    {8846, "hO0lE5fG7hJ9kL1mN3pQ5r", "hooli", "carrier", "Authy", FALSE, TRUE, NULL},
    {8847, "sT4rE5fG7hJ9kL1mN3pQ5r", "stark-pay", NULL, "Authy", FALSE, FALSE, NULL},
    {8848, "wO2kE5fG7hJ9kL1mN3pQ5r", "wonka", NULL, "Authy", TRUE, FALSE, NULL},
    {8849, "vA9dE5fG7hJ9kL1mN3pQ5r", "vandelay", NULL, "Authy", FALSE, FALSE, NULL},
    {8850, "sO6lE5fG7hJ9kL1mN3pQ5r", "soylent", NULL, "Authy", FALSE, FALSE, NULL},
    {8851, "tY7rE5fG7hJ9kL1mN3pQ5r", "tyrell", NULL, "Authy", TRUE, FALSE, NULL},
    {8852, "cY8bE5fG7hJ9kL1mN3pQ5r", "cyberdyne", NULL, "Authy", FALSE, FALSE, NULL},
    {8853, "oS5cE5fG7hJ9kL1mN3pQ5r", "oscorp", NULL, "Authy", FALSE, FALSE, NULL},
    {8854, "wA1nE5fG7hJ9kL1mN3pQ5r", "wayne-bank", NULL, "Authy", FALSE, FALSE, NULL},
    {8855, "dU3fE5fG7hJ9kL1mN3pQ5r", "duff", NULL, "Authy", TRUE, FALSE, NULL},
    {8856, "pI3dE5fG7hJ9kL1mN3pQ5r", "pied-piper", NULL, "Authy", FALSE, FALSE, NULL},
    {8857, "gR1nE5fG7hJ9kL1mN3pQ5r", "gringotts", NULL, "Authy", FALSE, FALSE, NULL},
    {8858, "mO4nE5fG7hJ9kL1mN3pQ5r", "monarch", NULL, "Authy", FALSE, FALSE, NULL},
    {8859, "zO0gE5fG7hJ9kL1mN3pQ5r", "zorg", NULL, "Authy", FALSE, FALSE, NULL},
    {8860, "aP3rE5fG7hJ9kL1mN3pQ5r", "aperture", NULL, "Authy", FALSE, FALSE, NULL},
    {8861, "c61E5fG7hJ9kL1mN3pQ5rS", "acme-payments", NULL, "Authy", FALSE, FALSE, "AZ"},
    {8862, "c62E5fG7hJ9kL1mN3pQ5rS", "hooli", NULL, "Authy", FALSE, FALSE, "ID"},
    {8863, "c63E5fG7hJ9kL1mN3pQ5rS", "hooli", NULL, "Authy", FALSE, FALSE, "UZ"},
    {8864, "c64E5fG7hJ9kL1mN3pQ5rS", "globex", NULL, "Authy", FALSE, FALSE, "ID"},
    {8865, "c65E5fG7hJ9kL1mN3pQ5rS", "aperture", NULL, "Authy", FALSE, FALSE, "UZ"},
    {8866, "c66E5fG7hJ9kL1mN3pQ5rS", "hooli", NULL, "Authy", FALSE, FALSE, "AZ"},
    {8867, "c67E5fG7hJ9kL1mN3pQ5rS", "stark-pay", NULL, "Authy", FALSE, FALSE, "ID"},
    {8868, "c68E5fG7hJ9kL1mN3pQ5rS", "aperture", NULL, "Authy", FALSE, FALSE, "AZ"},
    {8870, "pS1mE5fG7hJ9kL1mN3pQ5r", "acme-payments", NULL, "Programmable", FALSE, FALSE, NULL},
    {8871, "pS2mE5fG7hJ9kL1mN3pQ5r", "globex", NULL, "Programmable", FALSE, FALSE, NULL},
};

/* Of the history: looks over the 42 days before their message. */
static const struct {
    int number, days; /* of the message, before today */
    const char *account, *detail, *country;
} past_looks[] = {
    {8901, 13, "contoso", NULL, NULL},      {8902, 13, "fabrikam", "prefix", NULL},
    {8903, 12, "tailspin", NULL, NULL},     {8904, 12, "adventure-works", "carrier", NULL},
    {8905, 12, "litware", NULL, NULL},      {8906, 11, "proseware", NULL, NULL},
    {8907, 11, "wingtip", "carrier", NULL}, {8908, 11, "aperture", NULL, "AZ"},
    {8909, 10, "alpine-ski", NULL, NULL},   {8910, 10, "woodgrove", NULL, NULL},
    {8911, 9, "pied-piper", NULL, NULL},    {8912, 8, "humongous", NULL, NULL},
    {8913, 8, "trey", "prefix", NULL},      {8914, 8, "aperture", NULL, NULL},
    {8915, 7, "fourth-coffee", NULL, NULL}, {8916, 7, "blue-yonder", "carrier", NULL},
    {8917, 6, "coho", NULL, NULL},          {8918, 6, "relecloud", NULL, NULL},
    {8919, 6, "contoso", NULL, NULL},       {8920, 5, "nodmedia", NULL, NULL},
    {8921, 5, "bellows", NULL, NULL},       {8922, 5, "soylent", NULL, NULL},
    {8923, 4, "munson", NULL, NULL},        {8924, 4, "vanarsdel", NULL, NULL},
    {8925, 4, "vandelay", NULL, NULL},      {8926, 3, "southridge", "carrier", NULL},
    {8927, 3, "acme-payments", NULL, "AZ"}, {8928, 2, "city-power", NULL, NULL},
    {8929, 2, "gringotts", NULL, NULL},     {8930, 2, "wonka", NULL, NULL},
    {8931, 2, "duff", NULL, NULL},          {8932, 1, "consolid", NULL, NULL},
    {8933, 1, "liberty", "prefix", NULL},   {8934, 1, "lucerne", NULL, NULL},
};

/* Tiles: text, look, query, result_maker, sql. */
static const struct {
    const char *dashboard, *id, *title, *kind, *ref, *body;
} elements[] = {
    {"310", "3101", "About", "text", "", "Verify traffic of acme-payments"},
    {"310", "3102", "Verify by country", "query", "9841", ""},
    {"310", "3103", "Programmable messages", "query", "9870", ""},
    {"311", "3111", "globex, Verify", "look", "8843", ""},
    {"311", "3112", "hooli, Verify", "result_maker", "9846", ""},
    {"311", "3113", "initech, Verify", "query", "9844", ""},
    {"312", "3121", "Only words", "text", "", "Nothing to run here"},
    {"313", "3131", "monarch, Verify", "result_maker", "9858", ""},
    {"315", "3151", "relecloud, Verify", "result_maker", "9918", ""},
    {"316", "3161", "About", "text", "", "Verify traffic of wingtip"},
    {"316", "3162", "Verify by carrier", "query", "9907", ""},
    {"314", "3141", "wonka, SQL Runner", "sql", "wonkaRunner7", ""},
};

static const struct {
    const char *id, *slug, *title;
} dashboards[] = {
    {"310", "dAcmeVerify310", "Acme: messaging health"},
    {"311", "dThree311", "Verify, three accounts"},
    {"312", "dWords312", "Notes"},
    {"313", "dMonarch313", "Monarch"},
    {"314", "dWonka314", "Wonka"},
    {"315", "dRelecloud315", "Relecloud"},
    {"316", "dWingtip316", "Wingtip: messaging health"},
};

static void
add_look(Db *db, int number, const char *account, const char *product, const char *slug,
         const char *sql, gboolean fill, gboolean totals)
{
    g_autofree char *look = g_strdup_printf("%d", number);
    g_autofree char *query = g_strdup_printf("%d", number + 1000);
    g_autofree char *title =
        g_strdup_printf("%s %s by day", account, strcmp(product, "Authy") == 0 ? "Verify" : "PSMS");
    add_query(db, query, slug, sql, fill, totals);
    db_exec(db, "INSERT INTO look(id,title,query_id) VALUES(?,?,?)", "sss", look, title, query);
}

static void
add_past_looks(Db *db, gint64 now_us)
{
    for (gsize i = 0; i < G_N_ELEMENTS(past_looks); i++) {
        int number = past_looks[i].number;
        gint64 until = now_us - SEED_PAST_US - past_looks[i].days * 86400 * (gint64)G_USEC_PER_SEC;
        g_autofree char *sql = look_sql(db, past_looks[i].account, past_looks[i].detail,
                                        past_looks[i].country, "Authy", until);
        g_autofree char *slug = g_strdup_printf("p%d5fG7hJ9kL1mN3pQ5r", number);
        add_look(db, number, past_looks[i].account, "Authy", slug, sql, number % 3 == 0,
                 number % 4 == 0);
        if (strcmp(past_looks[i].account, "munson") == 0)
            db_exec(db, "INSERT INTO sql_query VALUES('munsonRunner3',?)", "s", sql);
    }
}

void
seed_looks(Db *db, gint64 now_us)
{
    for (gsize i = 0; i < G_N_ELEMENTS(looks); i++) {
        g_autofree char *sql = look_sql(db, looks[i].account, looks[i].detail, looks[i].country,
                                        looks[i].product, now_us);
        add_look(db, looks[i].number, looks[i].account, looks[i].product, looks[i].slug, sql,
                 looks[i].fill, looks[i].totals);
    }
    add_past_looks(db, now_us);
    /* Short numbers, for tests: 1 to 20 are those above in their order, 90 is of another product.
     */
    db_exec(
        db,
        "INSERT INTO look(id,title,query_id) SELECT CAST(id-8840 AS TEXT),title,query_id FROM"
        " look WHERE id BETWEEN '8841' AND '8860' UNION ALL SELECT '90',title,query_id FROM look"
        " WHERE id='8870'",
        NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(dashboards); i++)
        db_exec(db, "INSERT INTO dashboard(id,slug,title) VALUES(?,?,?)", "sss", dashboards[i].id,
                dashboards[i].slug, dashboards[i].title);
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
        db_exec(db, "INSERT INTO element VALUES(?,?,?,?,?,?)", "ssssss", elements[i].id,
                elements[i].dashboard, elements[i].title, elements[i].kind, elements[i].ref,
                elements[i].body);
    g_autofree char *wonka = look_sql(db, "wonka", NULL, NULL, "Authy", now_us);
    db_exec(db, "INSERT INTO sql_query VALUES('wonkaRunner7',?)", "s", wonka);
}
