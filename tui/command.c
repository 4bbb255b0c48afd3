/* command.c: the table of commands, and the one place that checks and runs them. */
#include "tui/command.h"
#include "tui/views/logs.h"

#include <string.h>

#define WORK_LISTS                                                                                 \
    (VIEW_BIT(VIEW_QUEUE) | VIEW_BIT(VIEW_HISTORY) | VIEW_BIT(VIEW_RUNS) | VIEW_BIT(VIEW_REVIEW))
#define WORK (VIEW_BIT(VIEW_QUEUE) | VIEW_BIT(VIEW_HISTORY) | VIEW_BIT(VIEW_REQUEST))
#define DESK (WORK | VIEW_BIT(VIEW_RUNS) | VIEW_BIT(VIEW_LOGS))
#define ONE  VIEW_BIT(VIEW_REQUEST)
#define LOGS VIEW_BIT(VIEW_LOGS)
#define ASKS (NEEDS_REQUEST | WRITES | CONFIRMS)

/* clang-format off */
const Command commands[] = {
    {"approve", "ok", "a", "approve", "Approve the selected request: shows the exact post first.",
     ASKS, WORK, GROUP_DESK, 0, cmd_approve},
    {"back", NULL, "Esc", "back", "Clear the filter, or go back to the view before.",
     HIDDEN, VIEWS_ALL, GROUP_MOVE, 0, cmd_back},
    {"bottom", "end", "G End", "end", "Go to the end.", HIDDEN, VIEWS_ALL, GROUP_MOVE, 1, cmd_end},
    {"break-glass", NULL, "", "break the glass", "Approve the selected request alone, in an emergency, for a reason that is reviewed.",
     ASKS | BREAKS, WORK, GROUP_DESK, 0, cmd_break_glass},
    {"browse", NULL, "b", "browse", "Open the link of the selected request in the browser of this desktop.",
     NEEDS_REQUEST, WORK, GROUP_VIEW, 0, cmd_browse},
    {"cancel", NULL, "c", "cancel", "Stop the running query of the selected request.",
     ASKS, WORK, GROUP_DESK, 0, cmd_cancel},
    {"chart", "trend", "o", "charts", "The pane below the history: why, requests by day, the trend by week.",
     NEEDS_LIST, VIEW_BIT(VIEW_HISTORY), GROUP_VIEW, 0, cmd_chart},
    {"column-left", NULL, "Left", "column", "Pick the column to the left, to sort by it.",
     NEEDS_LIST | HIDDEN, WORK_LISTS, GROUP_LIST, -1, cmd_column},
    {"column-right", NULL, "Right", "column", "Pick the column to the right, to sort by it.",
     NEEDS_LIST | HIDDEN, WORK_LISTS, GROUP_LIST, 1, cmd_column},
    {"compare", NULL, "", "compare", "Compare two runs by their numbers: compare 1 3.",
     0, ONE, GROUP_VIEW, 0, cmd_compare},
    {"copy", "yank", "y", "copy", "Copy the link of the selected request to the clipboard.",
     NEEDS_REQUEST, WORK, GROUP_VIEW, 0, cmd_copy},
    {"copy-lines", NULL, "y", "copy", "Copy the marked lines, or the selected one, to the clipboard.",
     0, LOGS, GROUP_LIST, LOGS_COPY, cmd_logs},
    {"copy-part", NULL, "Y", "copy …", "Copy a part of the selected request: copy-part amount, sql, post, message.",
     NEEDS_REQUEST, WORK, GROUP_VIEW, 0, cmd_copy_part},
    {"correct", NULL, "C", "correct", "Correct what was posted, in the same thread.",
     ASKS, WORK, GROUP_DESK, TRUE, cmd_amount},
    {"down", NULL, "Down j", "down", "One row down.", HIDDEN, VIEWS_ALL, GROUP_MOVE, 1, cmd_rows},
    {"dry-run", NULL, "d", "dry-run", "Calculate again and leave the request as it is.",
     ASKS, WORK, GROUP_DESK, TRUE, cmd_rerun},
    {"evidence", NULL, "", "evidence", "Open the selected request at what its approvals are sealed to.",
     NEEDS_REQUEST, WORK | VIEW_BIT(VIEW_REVIEW), GROUP_VIEW, 0, cmd_evidence},
    {"export", NULL, "E", "export", "Write the rows that are shown, or the marked ones, to FILE.csv or FILE.jsonl.",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 0, cmd_export},
    {"filter", "search", "/", "filter", "Show the rows that pass, as: acme !globex state:pending amount:>500 /re/; Ctrl-U clears the line; search in a text.",
     0, VIEWS_ALL, GROUP_LIST, 0, cmd_filter},
    {"find", "grep", "s Ctrl-F", "search", "Search the log, on with n and N: a text, or /an expression/.",
     0, LOGS, GROUP_LIST, LOGS_FIND, cmd_logs},
    {"fold", NULL, "w", "fold", "Fold long lines, or cut them.", 0, LOGS, GROUP_LIST, LOGS_FOLD, cmd_logs},
    {"follow", NULL, "f", "follow", "Keep to the newest line, or stop doing so.",
     0, LOGS, GROUP_LIST, 0, cmd_follow},
    {"freeze", NULL, "z", "freeze", "Let the list stand still while its rows change, or go on.",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 0, cmd_freeze},
    {"give-link", "link", "l", "give link", "Give the Looker link of a request that has none.",
     ASKS, WORK, GROUP_DESK, 0, cmd_give_link},
    {"goto", NULL, "#", "go to", "Go to a line, a part, a time: goto 1200, goto 50%, goto 12:30.",
     0, LOGS, GROUP_MOVE, LOGS_GOTO, cmd_logs},
    {"help", NULL, "? F1", "help", "The keys of this view.", 0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_help},
    {"history", NULL, "2", "history", "What was decided.", 0, VIEWS_ALL, GROUP_VIEW, VIEW_HISTORY, cmd_show},
    {"level", NULL, "v", "level", "The least level of the lines that are shown.",
     0, LOGS, GROUP_LIST, 0, cmd_level},
    {"line-numbers", "numbers", "#", "numbers", "Numbers before the lines of SQL, or none.",
     0, ONE, GROUP_VIEW, 0, cmd_line_numbers},
    {"lines-unmark", NULL, "\\", "no marks", "Take the marks of all lines away.",
     0, LOGS, GROUP_LIST, LOGS_UNMARK, cmd_logs},
    {"logs", NULL, "4", "logs", "What the program said.", 0, VIEWS_ALL, GROUP_VIEW, VIEW_LOGS, cmd_show},
    {"mark", NULL, "Space", "mark", "Mark the row and go down; in a text: one page down.",
     0, VIEWS_ALL, GROUP_LIST, 0, cmd_mark},
    {"mark-all", NULL, "*", "mark all", "Mark all rows that are shown.", NEEDS_LIST, WORK_LISTS, GROUP_LIST, 1, cmd_mark_many},
    {"mark-clear", "unmark", "\\", "no marks", "Take all marks away.", NEEDS_LIST, WORK_LISTS, GROUP_LIST, 3, cmd_mark_many},
    {"mark-invert", NULL, "~", "invert", "Mark what is not marked, and the other way round.",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 2, cmd_mark_many},
    {"mark-range", NULL, "V", "range", "Mark all rows from the last marked one to this one.",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 0, cmd_mark_many},
    {"mark-to", NULL, "V", "mark to", "Mark all lines from the nearest marked one to this one.",
     0, LOGS, GROUP_LIST, LOGS_MARK_RANGE, cmd_logs},
    {"mouse", NULL, "F10", "mouse", "Take the mouse, or leave it to the terminal.",
     0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_mouse},
    {"newer-run", NULL, "]", "newer run", "Compare with a newer run.", 0, ONE, GROUP_VIEW, -1, cmd_other_run},
    {"next", NULL, "n", "next", "The next match.", 0, VIEWS_ALL, GROUP_LIST, 1, cmd_find},
    {"next-section", NULL, "Tab Right", "section", "The next section.", 0, ONE, GROUP_VIEW, 1, cmd_section},
    {"notices", NULL, "Ctrl-N", "notices", "What other processes did lately.",
     0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_notices},
    {"older-run", NULL, "[", "older run", "Compare with an older run.", 0, ONE, GROUP_VIEW, 1, cmd_other_run},
    {"open", NULL, "Enter", "open", "Open what is selected.", HIDDEN, VIEWS_ALL, GROUP_VIEW, 0, cmd_open},
    {"open-log", NULL, "O", "open log", "Show log files, merged by their times: open-log PATH [PATH…], Tab completes; @desk is our own.",
     0, VIEWS_ALL, GROUP_VIEW, LOGS_OPEN, cmd_logs},
    {"override", "amount", "A", "amount", "Set the amount by hand; another person has to approve it.",
     ASKS, WORK, GROUP_DESK, FALSE, cmd_amount},
    {"page-down", NULL, "PgDn", "page down", "One page down.",
     HIDDEN, VIEWS_ALL, GROUP_MOVE, 1, cmd_pages},
    {"page-up", NULL, "PgUp", "page up", "One page up.", HIDDEN, VIEWS_ALL, GROUP_MOVE, -1, cmd_pages},
    {"pager", NULL, "|", "pager", "Read it in $PAGER: pager sql, message, result, events, log.",
     NEEDS_REQUEST, WORK, GROUP_VIEW, 0, cmd_pager},
    {"pair-newer", NULL, "}", "newer run", "The newer of the compared runs becomes a newer one.",
     0, ONE, GROUP_VIEW, -1, cmd_newer_side},
    {"pair-older", NULL, "{", "older run", "The newer of the compared runs becomes an older one.",
     0, ONE, GROUP_VIEW, 1, cmd_newer_side},
    {"palette", NULL, ":", "command", "Find a command by its name.",
     HIDDEN, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_palette},
    {"pass", "trigger", "p", "pass", "Make a pass over all channels now.",
     WRITES | CONFIRMS, DESK, GROUP_DESK, 0, cmd_pass},
    {"pause", NULL, "P", "pause", "Pause the schedule, for a reason.",
     WRITES | CONFIRMS, DESK, GROUP_DESK, 0, cmd_pause},
    {"preview", NULL, "w", "preview", "The pane below the list: normal, large, off.",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 0, cmd_preview},
    {"previous", NULL, "N", "previous", "The match before.", 0, VIEWS_ALL, GROUP_LIST, -1, cmd_find},
    {"previous-section", NULL, "Shift-Tab Left", "section", "The section before.",
     0, ONE, GROUP_VIEW, -1, cmd_section},
    {"queue", NULL, "1", "queue", "What waits.", 0, VIEWS_ALL, GROUP_VIEW, VIEW_QUEUE, cmd_show},
    {"quit", "exit", "q Ctrl-C", "quit", "Leave; asks when something still runs here.",
     0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_quit},
    {"redraw", NULL, "Ctrl-L", "redraw", "Paint the screen anew.", 0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_redraw},
    {"reject", NULL, "x", "reject", "Reject the selected request, for a reason.",
     ASKS, WORK, GROUP_DESK, 0, cmd_reject},
    {"release", NULL, "", "release", "End another operator's claim of the selected request.",
     ASKS, WORK, GROUP_DESK, 0, cmd_release},
    {"rerun", NULL, "r", "rerun", "Fetch the SQL again and calculate anew.",
     ASKS, WORK, GROUP_DESK, FALSE, cmd_rerun},
    {"resume", NULL, "R", "resume", "Resume the schedule.", WRITES, DESK, GROUP_DESK, 0, cmd_resume},
    {"retry", NULL, "t", "retry", "Try a failed request again at once.",
     NEEDS_REQUEST | WRITES, WORK, GROUP_DESK, 0, cmd_retry},
    {"reverse", NULL, "S", "reverse", "Turn the order around.", NEEDS_LIST, WORK_LISTS, GROUP_LIST, 0, cmd_reverse},
    {"review", "break-glass-review", "", "review", "What was approved by breaking the glass, and who looked at it.",
     0, VIEWS_ALL, GROUP_VIEW, VIEW_REVIEW, cmd_show},
    {"reviewed", NULL, "v", "reviewed", "Close the review of the selected break-glass approval, with a word.",
     WRITES | CONFIRMS | NEEDS_LIST, VIEW_BIT(VIEW_REVIEW), GROUP_DESK, 0, cmd_reviewed},
    {"runs", "passes", "3", "runs", "The passes that were made.", 0, VIEWS_ALL, GROUP_VIEW, VIEW_RUNS, cmd_show},
    {"scroll-left", NULL, "< Shift-Left", "scroll", "Scroll the columns back.", NEEDS_LIST, WORK_LISTS, GROUP_LIST, -1, cmd_scroll},
    {"scroll-right", NULL, "> Shift-Right", "scroll", "Scroll the columns sideways; the first ones stay.",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 1, cmd_scroll},
    {"section-events", "events", "e", "events", "What happened to the request.", 0, ONE, GROUP_VIEW, 5, cmd_section_to},
    {"section-evidence", "seal", "E", "evidence", "What its approvals are sealed to, and what can be proven.", 0, ONE, GROUP_VIEW, 6, cmd_section_to},
    {"section-message", "message", "m", "message", "The message as Slack shows it.", 0, ONE, GROUP_VIEW, 1, cmd_section_to},
    {"section-post", "post", "T", "post", "What is posted in the thread.", 0, ONE, GROUP_VIEW, 4, cmd_section_to},
    {"section-runs", NULL, "=", "runs", "All runs, and the difference of two.", 0, ONE, GROUP_VIEW, 3, cmd_section_to},
    {"section-sql", "sql", "s", "SQL", "The SQL behind the link.", 0, ONE, GROUP_VIEW, 2, cmd_section_to},
    {"section-why", "why", "w", "why", "Why the amount is what it is.", 0, ONE, GROUP_VIEW, 0, cmd_section_to},
    {"shift-left", NULL, "< Left", "shift", "Shift long lines back.",
     HIDDEN, LOGS, GROUP_MOVE, LOGS_SHIFT_LEFT, cmd_logs},
    {"shift-right", NULL, "> Right", "shift", "Shift long lines sideways.",
     HIDDEN, LOGS, GROUP_MOVE, LOGS_SHIFT_RIGHT, cmd_logs},
    {"since", "range", "", "since", "What was decided since then: since 2d, since last week; alone: always.",
     NEEDS_LIST, VIEW_BIT(VIEW_HISTORY), GROUP_LIST, 0, cmd_since},
    {"sort", NULL, "s", "sort", "Sort by the picked or the next column; sort NAME [reverse].",
     NEEDS_LIST, WORK_LISTS, GROUP_LIST, 0, cmd_sort},
    {"suspend", NULL, "Ctrl-Z", "suspend", "Stop the console until fg.", 0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_suspend},
    {"take-back", "undo", "u", "take back", "Take back an approval before its post.",
     WRITES, VIEWS_ALL, GROUP_DESK, 0, cmd_take_back},
    {"text-left", NULL, "<", "left", "Move long lines back.", 0, ONE, GROUP_VIEW, -1, cmd_sideways},
    {"text-right", NULL, ">", "right", "Move long lines that are not wrapped.", 0, ONE, GROUP_VIEW, 1, cmd_sideways},
    {"theme", NULL, "", "theme", "Choose a theme; each is shown while it is chosen.", 0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_theme},
    {"times", NULL, "t", "times", "Times in UTC, of your zone, as ages, or lines as they stand: times utc|local|ago|raw.",
     0, LOGS, GROUP_LIST, LOGS_TIMES, cmd_logs},
    {"to-sign", NULL, "", "to sign", "Write the text that a second person signs elsewhere: to-sign FILE; alone: copy it.",
     NEEDS_REQUEST, WORK, GROUP_VIEW, 0, cmd_to_sign},
    {"top", "home", "g Home", "top", "Go to the start.", HIDDEN, VIEWS_ALL, GROUP_MOVE, -1, cmd_end},
    {"tour", "tips", "Ctrl-T", "tips", "Hide the line with the next useful step for ever, or show it again.",
     0, VIEWS_ALL, GROUP_CONSOLE, 0, cmd_tour},
    {"up", NULL, "Up k", "up", "One row up.", HIDDEN, VIEWS_ALL, GROUP_MOVE, -1, cmd_rows},
    {"verify", "check", "v", "verify", "Check its digests, signatures, posts and events anew.",
     0, ONE, GROUP_VIEW, 0, cmd_verify},
    {"wrap", NULL, "W", "wrap", "Wrap the long lines of SQL, or move them sideways.",
     0, ONE, GROUP_VIEW, 0, cmd_wrap},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, GROUP_DESK, 0, NULL},
};
/* clang-format on */

guint
commands_count(void)
{
    return G_N_ELEMENTS(commands) - 1;
}

int
commands_find(const char *name)
{
    for (guint i = 0; i < commands_count(); i++) {
        if (strcmp(commands[i].name, name) == 0 || g_strcmp0(commands[i].alias, name) == 0)
            return (int)i;
    }
    return -1;
}

gboolean
commands_seen(Console *console, const Command *command)
{
    return !(command->flags & BREAKS) || console->may_break;
}

const char *
commands_why_not(Console *console, const Command *command)
{
    const ViewOps *ops = console_ops(console);
    gboolean small = grid_width(console->grid) < CONSOLE_MIN_WIDTH ||
                     grid_height(console->grid) < CONSOLE_MIN_HEIGHT;
    if (!commands_seen(console, command))
        return "is for those alone whom [approval] break_glass names";
    if (!(command->views & VIEW_BIT(console->here)))
        return "does nothing in this view";
    if (small && (command->flags & (WRITES | CONFIRMS)))
        return "needs a larger screen, to show what it does";
    if ((command->flags & NEEDS_REQUEST) && !console_request(console))
        return "needs a request; none is selected";
    if ((command->flags & NEEDS_LIST) && (!ops->list || !ops->list(console_view(console))))
        return "needs a list; there is none here";
    return NULL;
}

/* Newest first, each once: what the palette begins with. */
static void
remember_use(Console *console, guint index)
{
    guint8 *recent = console->recent, at = 0;
    while (at < RECENT_MAX - 1 && recent[at] != index + 1 && recent[at] != 0)
        at++;
    memmove(recent + 1, recent, at);
    recent[0] = (guint8)(index + 1);
}

guint
commands_run(Console *console, const Command *command, const char *args)
{
    const char *why = commands_why_not(console, command);
    if (why) {
        g_autofree char *key = keymap_first(console->keymap, (guint)commands_find("help"));
        gboolean elsewhere = !(command->views & VIEW_BIT(console->here));
        console_say(console, ROLE_WARN, "%s %s%s%s%s", command->name, why, elsewhere ? "; " : "",
                    elsewhere ? key : "", elsewhere ? " shows what does" : "");
        return CHANGED_SCREEN;
    }
    if ((command->flags & NEEDS_REQUEST) && (command->flags & WRITES))
        console_say_outdated(console);
    if (!(command->flags & HIDDEN))
        remember_use(console, (guint)(command - commands));
    return command->run(console, command->by, args);
}

guint
commands_line(Console *console, const char *line)
{
    g_auto(GStrv) words = g_strsplit_set(line, " ", 2);
    if (!words[0] || !*words[0])
        return CHANGED_SCREEN;
    int found = commands_find(words[0]);
    if (found < 0) {
        console_say(console, ROLE_WARN, "no command is named '%s'", words[0]);
        return CHANGED_SCREEN;
    }
    g_autofree char *args = g_strstrip(g_strdup(words[1] ? words[1] : ""));
    return commands_run(console, &commands[found], args);
}

int
fuzzy_score(const char *pattern, const char *text)
{
    int score = 1, run = 0;
    const char *t = text;
    for (const char *p = pattern; *p; p++) {
        if (*p == ' ')
            continue;
        char want = g_ascii_tolower(*p);
        const char *start = t;
        while (*t && g_ascii_tolower(*t) != want)
            t++;
        if (!*t)
            return 0;
        run = t == start ? run + 1 : 0;
        gboolean begins = t == text || t[-1] == '-' || t[-1] == ' ';
        score += 1 + run * 3 + (begins ? 5 : 0) + (t == text ? 5 : 0);
        t++;
    }
    return score * 10 - MIN((int)strlen(text), 9);
}
