/* mrkdwn_words.c: emoji by their short names, and dates in Slack's formats. */
#include "tui/mrkdwn.h"

#include <string.h>

/* Those that people put into requests and answers, sorted by name. */
static const struct {
    const char *name, *sign;
} emoji[] = {
    {"+1", "👍"},
    {"-1", "👎"},
    {"alarm_clock", "⏰"},
    {"arrow_down", "⬇"},
    {"arrow_right", "➡"},
    {"arrow_up", "⬆"},
    {"ballot_box_with_check", "☑"},
    {"bangbang", "‼"},
    {"bar_chart", "📊"},
    {"bell", "🔔"},
    {"bow", "🙇"},
    {"bug", "🐛"},
    {"bulb", "💡"},
    {"calendar", "📆"},
    {"chart_with_downwards_trend", "📉"},
    {"chart_with_upwards_trend", "📈"},
    {"clap", "👏"},
    {"credit_card", "💳"},
    {"cry", "😢"},
    {"dollar", "💵"},
    {"exclamation", "❗"},
    {"eyes", "👀"},
    {"fire", "🔥"},
    {"grin", "😁"},
    {"grinning", "😀"},
    {"heart", "❤"},
    {"heavy_check_mark", "✔"},
    {"heavy_plus_sign", "➕"},
    {"hourglass", "⌛"},
    {"information_source", "ℹ"},
    {"joy", "😂"},
    {"large_blue_circle", "🔵"},
    {"link", "🔗"},
    {"lock", "🔒"},
    {"mag", "🔍"},
    {"memo", "📝"},
    {"money_with_wings", "💸"},
    {"moneybag", "💰"},
    {"no_entry", "⛔"},
    {"ok_hand", "👌"},
    {"phone", "☎"},
    {"point_right", "👉"},
    {"point_up", "☝"},
    {"pray", "🙏"},
    {"question", "❓"},
    {"raised_hands", "🙌"},
    {"red_circle", "🔴"},
    {"rocket", "🚀"},
    {"rotating_light", "🚨"},
    {"slightly_smiling_face", "🙂"},
    {"smile", "😄"},
    {"sob", "😭"},
    {"star", "⭐"},
    {"sweat_smile", "😅"},
    {"tada", "🎉"},
    {"thinking_face", "🤔"},
    {"thumbsdown", "👎"},
    {"thumbsup", "👍"},
    {"wave", "👋"},
    {"warning", "⚠"},
    {"white_check_mark", "✅"},
    {"x", "❌"},
    {"zap", "⚡"},
};

const char *
mrkdwn_emoji(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(emoji); i++) {
        if (strcmp(emoji[i].name, name) == 0)
            return emoji[i].sign;
    }
    return NULL;
}

/* Slack's tokens in GDateTime's words. "st", "nd", "rd", "th" after the day is left out. The pretty
 * ones say "today" in Slack, which would be untrue here a day later. */
static const struct {
    const char *token, *format;
} tokens[] = {
    {"{date_num}", "%Y-%m-%d"},
    {"{date_slash}", "%d/%m/%Y"},
    {"{date}", "%B %-d, %Y"},
    {"{date_pretty}", "%B %-d, %Y"},
    {"{date_short}", "%b %-d, %Y"},
    {"{date_short_pretty}", "%b %-d, %Y"},
    {"{date_long}", "%A, %B %-d, %Y"},
    {"{date_long_pretty}", "%A, %B %-d, %Y"},
    {"{date_long_full}", "%A, %B %-d, %Y"},
    {"{day_divider_pretty}", "%A, %B %-d"},
    {"{time}", "%H:%M UTC"},
    {"{time_secs}", "%H:%M:%S UTC"},
    {"{ago}", "%Y-%m-%d %H:%M UTC"},
};

char *
mrkdwn_date(gint64 seconds, const char *format)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(seconds);
    if (!at)
        return NULL;
    GString *text = g_string_new(NULL);
    for (const char *p = format; *p;) {
        guint hit = G_N_ELEMENTS(tokens);
        for (guint i = 0; *p == '{' && i < G_N_ELEMENTS(tokens); i++) {
            if (g_str_has_prefix(p, tokens[i].token))
                hit = i;
        }
        if (hit == G_N_ELEMENTS(tokens)) {
            g_string_append_c(text, *p++);
            continue;
        }
        g_autofree char *words = g_date_time_format(at, tokens[hit].format);
        g_string_append(text, words ? words : tokens[hit].token);
        p += strlen(tokens[hit].token);
    }
    return g_string_free(text, FALSE);
}
