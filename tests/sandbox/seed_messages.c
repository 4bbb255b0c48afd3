/* seed_messages.c: the demo's two weeks of messages: requests, chatter, joins, other bots.
 *
 * docs/sandbox.md tells which message is what. */
#include "config.h"
#include "seed.h"
#include "slack.h"

#include <string.h>

#define HOST      "https://looker.example.com"
#define MINUTE_US (60 * (gint64)G_USEC_PER_SEC)
#define DAY_US    (1440 * MINUTE_US)

/* How the link stands in the message. */
typedef enum { BARE, LABEL, RICH, ATTACHED, WITH_FILE, PLAIN } Form;

typedef struct {
    int days; /* 0: minute counts back from now; else: minute of that day, UTC */
    int minute;
    const char *user;
    Form form;
    const char *path;       /* of the link, below HOST; NULL: none */
    const char *text;       /* %s stands for the link */
    const char *replies[4]; /* "user:text" */
} Entry;

#define MARA  "U0MARA0001"
#define JONAS "U0JONAS002"
#define PRIYA "U0PRIYA003"
#define TOMAS "U0TOMAS004"
#define LENA  "U0LENA0005"
#define OSCAR "U0OSCAR006"

static const Entry today[] = {
    {0,
     540,
     MARA,
     LABEL,
     "/looks/8841",
     "acme-payments was pumped hard since last week, AZ and UZ. Can we credit them? %s",
     {JONAS ":on it, the graph is ugly", MARA ":thank you :pray:"}},
    {0,
     497,
     JONAS,
     BARE,
     "/x/nW1dE5fG7hJ9kL1mN3pQ5r",
     "northwind sees traffic from a country where it has no users: %s",
     {NULL}},
    {0,
     452,
     TOMAS,
     RICH,
     "/explore/messaging/verify_attempts?qid=gL0bE5fG7hJ9kL1mN3pQ5r&toggle=dat,vis",
     "Credit request for globex, two waves this month. %s",
     {LENA ":second wave is the same carrier as in spring"}},
    {0,
     401,
     LENA,
     PLAIN,
     NULL,
     "initech was hit again over the weekend, can someone work out the credit please?",
     {TOMAS ":which Look do you use?"}},
    {0,
     348,
     PRIYA,
     PLAIN,
     NULL,
     "Customer asks for a memo, all details in "
     "<https://example.zendesk.com/agent/tickets/55127|ticket 55127>",
     {NULL}},
    {0,
     305,
     OSCAR,
     PLAIN,
     NULL,
     "Not sure which of these is right for hooli: <" HOST "/looks/8846> or <" HOST
     "/looks/8862|the one by country>",
     {NULL}},
    {0,
     221,
     MARA,
     BARE,
     "/looks/8870",
     "Programmable messages of acme-payments, credit? %s",
     {NULL}},
    {0, 183, JONAS, BARE, "/looks/99999", "soylent, see %s", {NULL}},
    {0, 141, PRIYA, LABEL, "/dashboards/311", "All three are affected: %s", {NULL}},
    {0,
     97,
     TOMAS,
     RICH,
     "/looks/8845",
     "umbrella thinks it was attacked, could you check? %s",
     {NULL}},
    {0,
     66,
     LENA,
     BARE,
     "/looks/8846",
     "hooli, three countries, the largest I have seen this year &gt; 10k: %s",
     {MARA ":needs a second approver I guess"}},
    {0,
     41,
     OSCAR,
     BARE,
     "/dashboards/313?Date=30+days&amp;Country=",
     "monarch, see the tile %s",
     {NULL}},
    {0, 23, JONAS, ATTACHED, "/looks/8847", "stark-pay, slow and low for two weeks", {NULL}},
    {0,
     4,
     MARA,
     LABEL,
     "/looks/8854",
     "wayne-bank: attackers even verify some of the codes %s",
     {NULL}},
};

/* Each a few minutes before one of the passes that the demo's history makes (09:30, 11:30, 14:00
 * and 16:00 UTC). */
static const Entry older[] = {
    {13,
     553,
     PRIYA,
     LABEL,
     "/looks/8901",
     "contoso had four bad days on one route, please work out the credit %s",
     {TOMAS ":same pattern as in spring"}},
    {13,
     821,
     OSCAR,
     BARE,
     "/looks/8902",
     "fabrikam: nothing loud, but a week of codes that nobody enters %s",
     {NULL}},
    {12, 561, TOMAS, BARE, "/x/p89035fG7hJ9kL1mN3pQ5r", "tailspin, one day only: %s", {NULL}},
    {12,
     676,
     LENA,
     RICH,
     "/looks/8904",
     "adventure-works was pumped for five days, Indonesia. %s",
     {LENA ":the customer has blocked the route now"}},
    {12,
     829,
     JONAS,
     BARE,
     "/looks/8905",
     "litware, a spike in the US the other night %s",
     {OSCAR ":I think that was their own load test", JONAS ":oh. I will ask"}},
    {11,
     556,
     MARA,
     BARE,
     "/looks/8906",
     "proseware got messages to a country where it has no users %s",
     {NULL}},
    {11, 673, OSCAR, BARE, "/dashboards/316", "wingtip, by carrier: %s", {NULL}},
    {11, 684, MARA, BARE, "/looks/8870", "acme-payments, their campaign messages %s", {NULL}},
    {11,
     944,
     PRIYA,
     BARE,
     "/looks/8908",
     "aperture, AZ alone. Invoice closes on Friday %s",
     {NULL}},
    {10,
     671,
     LENA,
     BARE,
     "/looks/8909",
     "alpine-ski is small but asks nicely %s",
     {PRIYA "::smile:"}},
    {10,
     825,
     TOMAS,
     LABEL,
     "/looks/8910",
     "woodgrove: four days, a big one. Escalated by the account team %s",
     {NULL}},
    {9,
     559,
     OSCAR,
     BARE,
     "/looks/8899",
     "trey, see %s",
     {MARA ":that Look is in your private folder, please share it"}},
    {9,
     832,
     JONAS,
     BARE,
     "/looks/8911",
     "pied-piper launched in Brazil, is all of this honest? %s",
     {NULL}},
    {8,
     552,
     LENA,
     RICH,
     "/looks/8912",
     "humongous, two waves, AZ and then ID %s",
     {JONAS ":two approvals needed, I take the first"}},
    {8,
     683,
     OSCAR,
     BARE,
     "/explore/messaging/verify_attempts?toggle=fil&qid=p89135fG7hJ9kL1mN3pQ5r",
     "trey again, this link should open: %s",
     {NULL}},
    {8, 949, PRIYA, BARE, "/looks/8914", "aperture, now the whole account %s", {NULL}},
    {7, 563, TOMAS, BARE, "/looks/8915", "fourth-coffee: Tunisia, never seen before %s", {NULL}},
    {7, 678, MARA, LABEL, "/looks/8916", "blue-yonder, three days %s", {NULL}},
    {6, 557, JONAS, BARE, "/x/p89175fG7hJ9kL1mN3pQ5r", "coho, Germany of all places %s", {NULL}},
    {6, 680, TOMAS, PLAIN, NULL, "any news on my request from last week?", {MARA ":posted there"}},
    {6, 823, LENA, BARE, "/dashboards/315?Date=42+days", "relecloud, see the tile %s", {NULL}},
    {6, 951, OSCAR, BARE, "/looks/8919", "contoso, for the invoice of this month %s", {NULL}},
    {5, 566, MARA, WITH_FILE, "/looks/8920", "nodmedia, invoice attached %s", {NULL}},
    {5, 674, PRIYA, LABEL, "/looks/8921", "bellows was hit over three days %s", {NULL}},
    {5, 834, JONAS, BARE, "/looks/8922", "soylent, conversion fell off a cliff %s", {NULL}},
    {4, 560, OSCAR, BARE, "/sql/munsonRunner3", "munson by SQL Runner %s", {NULL}},
    {4,
     681,
     TOMAS,
     RICH,
     "/looks/8924",
     "vanarsdel, it grows by the day %s",
     {PRIYA ":route is closed since this morning"}},
    {4,
     828,
     LENA,
     BARE,
     "/looks/8925",
     "vandelay had a jump, attack or campaign? %s",
     {OSCAR ":they ran a campaign"}},
    {3, 554, PRIYA, BARE, "/looks/8926", "southridge, two days, UK %s", {NULL}},
    {3,
     675,
     MARA,
     BARE,
     "/looks/8927",
     "acme-payments, AZ alone for the invoice %s",
     {TOMAS ":the rest comes when the invoice of UZ is there"}},
    {3, 837, OSCAR, BARE, "/looks/8871", "globex PSMS %s", {NULL}},
    {2, 562, JONAS, LABEL, "/looks/8928", "city-power, over the weekend %s", {NULL}},
    {2, 670, LENA, RICH, "/looks/8929", "gringotts grew by the day, now it is over %s", {NULL}},
    {2, 947, TOMAS, BARE, "/looks/8930", "small one for wonka %s", {NULL}},
    {1, 558, PRIYA, BARE, "/looks/8932", "consolid %s", {PRIYA ":customer waits for this one"}},
    {1,
     679,
     OSCAR,
     BARE,
     "/looks/8933",
     "liberty: some of the codes were verified by the attackers %s",
     {NULL}},
    {1, 826, TOMAS, LABEL, "/looks/8934", "lucerne, ID since the weekend %s", {NULL}},
};

static const Entry private_channel[] = {
    {2, 819, OSCAR, BARE, "/looks/8931", "duff asks whether this is fraud, escalated %s", {NULL}},
    {0, 187, LENA, BARE, "/looks/8848", "wonka, escalated by the account team %s", {NULL}},
};

/* Things that are no requests. */
static const struct {
    int days, minute;
    const char *user, *subtype, *text;
} noise[] = {
    {0, 371, OSCAR, "channel_join", "<@" OSCAR "> has joined the channel"},
    {0, 262, "U0DEPLOY07", "bot_message",
     "Deploy of verify-api 4121 finished: <" HOST "/looks/8841|traffic>"},
    {1, 800, "U0DEPLOY07", "bot_message", "Deploy of verify-api 4120 finished"},
    {3, 500, TOMAS, "channel_topic", "<@" TOMAS "> set the channel topic"},
    {6, 480, PRIYA, "channel_join", "<@" PRIYA "> has joined the channel"},
    {9, 900, "U0DEPLOY07", "bot_message", "Deploy of verify-api 4119 finished"},
};

static gint64
when(gint64 now_us, int days, int minute)
{
    if (days == 0)
        return now_us - minute * MINUTE_US + (gint64)minute * 7919 % 1000003;
    gint64 midnight = (now_us - SEED_PAST_US) / DAY_US * DAY_US;
    gint64 seconds = (gint64)minute * 104729 % 59000003; /* and parts of a second */
    return midnight - days * DAY_US + minute * MINUTE_US + seconds;
}

static cJSON *
new_message(const char *user, const char *text, const char *ts)
{
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "message");
    cJSON_AddStringToObject(message, "user", user);
    cJSON_AddStringToObject(message, "text", text);
    cJSON_AddStringToObject(message, "ts", ts);
    cJSON_AddStringToObject(message, "team", SLACK_TEAM);
    return message;
}

/* A rich_text block whose last element is the link. */
static void
add_rich_text(cJSON *message, const char *text, const char *url)
{
    cJSON *block = cJSON_CreateObject(), *section = cJSON_CreateObject();
    cJSON_AddStringToObject(block, "type", "rich_text");
    cJSON_AddStringToObject(block, "block_id", "b1");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(block, "elements"), section);
    cJSON_AddStringToObject(section, "type", "rich_text_section");
    cJSON *parts = cJSON_AddArrayToObject(section, "elements");
    cJSON *words = cJSON_CreateObject(), *link = cJSON_CreateObject();
    cJSON_AddStringToObject(words, "type", "text");
    cJSON_AddStringToObject(words, "text", text);
    cJSON_AddItemToArray(parts, words);
    cJSON_AddStringToObject(link, "type", "link");
    cJSON_AddStringToObject(link, "url", url);
    cJSON_AddItemToArray(parts, link);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "blocks"), block);
}

static void
add_attachment(cJSON *message, const char *url)
{
    cJSON *attachment = cJSON_CreateObject();
    cJSON_AddStringToObject(attachment, "from_url", url);
    cJSON_AddStringToObject(attachment, "original_url", url);
    cJSON_AddStringToObject(attachment, "title", "Looker");
    cJSON_AddStringToObject(attachment, "title_link", url);
    cJSON_AddNumberToObject(attachment, "id", 1);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "attachments"), attachment);
}

static void
add_file(cJSON *message)
{
    cJSON *file = cJSON_CreateObject();
    cJSON_AddStringToObject(file, "id", "F0INVOICE1");
    cJSON_AddStringToObject(file, "name", "invoice.pdf");
    cJSON_AddStringToObject(file, "mimetype", "application/pdf");
    cJSON_AddStringToObject(message, "subtype", "file_share");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "files"), file);
}

static char *
replace(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);
    return g_strjoinv(to, parts);
}

/* The link as it stands in Slack's text: & is escaped there, and only there. */
static char *
link_text(const Entry *entry, const char *url)
{
    g_autofree char *plain = replace(url, "&amp;", "&");
    g_autofree char *escaped = replace(plain, "&", "&amp;");
    return entry->form == LABEL ? g_strdup_printf("<%s|the Look>", escaped)
                                : g_strdup_printf("<%s>", escaped);
}

static cJSON *
entry_message(const Entry *entry, const char *ts)
{
    g_autofree char *url = g_strconcat(HOST, entry->path != NULL ? entry->path : "", NULL);
    g_autofree char *link = link_text(entry, url);
    g_autofree char *text = replace(entry->text, "%s", link);
    cJSON *message = new_message(entry->user, text, ts);
    if (entry->form == RICH) {
        g_autofree char *words = replace(entry->text, "%s", "");
        add_rich_text(message, words, url);
    } else if (entry->form == ATTACHED) {
        add_attachment(message, url);
    } else if (entry->form == WITH_FILE) {
        add_file(message);
    }
    return message;
}

static void
add_replies(Db *db, const char *channel, const Entry *entry, const char *thread, gint64 at)
{
    for (gsize i = 0; i < G_N_ELEMENTS(entry->replies) && entry->replies[i] != NULL; i++) {
        g_auto(GStrv) parts = g_strsplit(entry->replies[i], ":", 2);
        g_autofree char *ts = slack_new_ts(db, channel, at + (gint64)(i + 1) * 75 * G_USEC_PER_SEC);
        cJSON *reply = new_message(parts[0], parts[1], ts);
        cJSON_AddStringToObject(reply, "thread_ts", thread);
        cJSON_AddStringToObject(reply, "parent_user_id", entry->user);
        seed_store_message(db, channel, ts, thread, reply);
        cJSON_Delete(reply);
    }
}

static void
add_entries(Db *db, const char *channel, const Entry *entries, gsize n, gint64 now_us)
{
    for (gsize i = 0; i < n; i++) {
        gint64 at = when(now_us, entries[i].days, entries[i].minute);
        g_autofree char *ts = slack_new_ts(db, channel, at);
        cJSON *message = entry_message(&entries[i], ts);
        seed_store_message(db, channel, ts, NULL, message);
        cJSON_Delete(message);
        add_replies(db, channel, &entries[i], ts, at);
    }
}

void
seed_messages(Db *db, gint64 now_us)
{
    add_entries(db, SEED_CHANNEL, older, G_N_ELEMENTS(older), now_us);
    add_entries(db, SEED_CHANNEL, today, G_N_ELEMENTS(today), now_us);
    add_entries(db, SEED_PRIVATE, private_channel, G_N_ELEMENTS(private_channel), now_us);
    for (gsize i = 0; i < G_N_ELEMENTS(noise); i++) {
        g_autofree char *ts =
            slack_new_ts(db, SEED_CHANNEL, when(now_us, noise[i].days, noise[i].minute));
        cJSON *message = new_message(noise[i].user, noise[i].text, ts);
        cJSON_AddStringToObject(message, "subtype", noise[i].subtype);
        if (strcmp(noise[i].subtype, "bot_message") == 0)
            cJSON_AddStringToObject(message, "bot_id", "B0DEPLOYS7");
        seed_store_message(db, SEED_CHANNEL, ts, NULL, message);
        cJSON_Delete(message);
    }
}
