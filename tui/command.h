/* command.h: the one table of what an operator can do: it gives keys, palette, help and checks. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include "tui/console_private.h"

typedef enum {
    NEEDS_REQUEST = 1, /* a request is selected */
    NEEDS_LIST = 2,    /* the view has a list */
    WRITES = 4,        /* changes something: not on a screen too small to see what */
    CONFIRMS = 8,      /* asks in a dialog before anything happens */
    HIDDEN = 16,       /* not in the palette: moving about */
    BREAKS = 32,       /* for those alone who may break the glass: others do not see it */
} CommandFlags;

typedef enum { GROUP_DESK, GROUP_VIEW, GROUP_LIST, GROUP_MOVE, GROUP_CONSOLE } CommandGroup;

/* Changed bits. by is the command's; args is "" when a key was pressed. */
typedef guint (*CommandFunc)(Console *console, int by, const char *args);

typedef struct {
    const char *name;
    const char *alias; /* NULL: none */
    const char *keys;  /* as in the [keys] section */
    const char *label; /* of its key in the last line: "approve" */
    const char *help;  /* one sentence */
    guint flags;
    guint views; /* VIEW_BIT()s */
    CommandGroup group;
    int by; /* what run does it by: rows, a direction, a ViewId, whether dry */
    CommandFunc run;
} Command;

/* Sorted by name, ended by a NULL name. */
extern const Command commands[];
guint commands_count(void);
/* By name or alias; -1: none. */
int commands_find(const char *name);
/* FALSE: it is not for this operator, who does not see it. */
gboolean commands_seen(Console *console, const Command *command);
/* Why a command cannot be used now ("needs a request; none is selected"); NULL: it can. */
const char *commands_why_not(Console *console, const Command *command);
/* Checks that once for all commands, then runs it. */
guint commands_run(Console *console, const Command *command, const char *args);
/* "name args" as typed in the palette. */
guint commands_line(Console *console, const char *line);
/* Binds what [keys] says, then the preset that [tui] keys names, then the default keys, each for
 * the commands that have none yet. config NULL: defaults. ERR_CONFIG names file and line. */
Keymap *commands_keymap(const Config *config, GError **error);
/* All commands with their keys in the language of [keys]. Caller frees. */
char *commands_keys_text(const Config *config, GError **error);

/* How well text fits a pattern whose letters must appear in order; 0: not at all. */
int fuzzy_score(const char *pattern, const char *text);

/* command_history.c */
guint cmd_chart(Console *console, int by, const char *args);
guint cmd_evidence(Console *console, int by, const char *args);
guint cmd_since(Console *console, int by, const char *args);
/* command_desk.c */
guint cmd_break_glass(Console *console, int by, const char *args);
guint cmd_amount(Console *console, int by, const char *args);
guint cmd_approve(Console *console, int by, const char *args);
guint cmd_cancel(Console *console, int by, const char *args);
guint cmd_give_link(Console *console, int by, const char *args);
guint cmd_pass(Console *console, int by, const char *args);
guint cmd_pause(Console *console, int by, const char *args);
guint cmd_reject(Console *console, int by, const char *args);
guint cmd_release(Console *console, int by, const char *args);
guint cmd_rerun(Console *console, int by, const char *args);
guint cmd_resume(Console *console, int by, const char *args);
guint cmd_retry(Console *console, int by, const char *args);
guint cmd_take_back(Console *console, int by, const char *args);
/* A hold of this console is over: the post is made on a worker. */
void desk_hold_over(Console *console, gint64 id);
/* The approval that take-back would take back: the selected request's when this console holds it,
 * else the newest that it holds; NULL: it holds none. Borrowed, until the next change of the holds.
 */
const Hold *desk_held_here(Console *console);

/* command_list.c */
guint cmd_column(Console *console, int by, const char *args);
guint cmd_export(Console *console, int by, const char *args); /* export.c */
guint cmd_filter(Console *console, int by, const char *args);
guint cmd_find(Console *console, int by, const char *args);
guint cmd_freeze(Console *console, int by, const char *args);
guint cmd_mark(Console *console, int by, const char *args);
guint cmd_mark_many(Console *console, int by, const char *args);
guint cmd_preview(Console *console, int by, const char *args);
guint cmd_reverse(Console *console, int by, const char *args);
guint cmd_scroll(Console *console, int by, const char *args);
guint cmd_sort(Console *console, int by, const char *args);

/* command_request.c */
guint cmd_to_sign(Console *console, int by, const char *args);
guint cmd_verify(Console *console, int by, const char *args);
guint cmd_browse(Console *console, int by, const char *args);
guint cmd_compare(Console *console, int by, const char *args);
guint cmd_copy_part(Console *console, int by, const char *args);
guint cmd_line_numbers(Console *console, int by, const char *args);
guint cmd_newer_side(Console *console, int by, const char *args);
guint cmd_pager(Console *console, int by, const char *args);
guint cmd_section_to(Console *console, int by, const char *args);
guint cmd_sideways(Console *console, int by, const char *args);
guint cmd_wrap(Console *console, int by, const char *args);
/* views/review.c */
guint cmd_reviewed(Console *console, int by, const char *args);
/* console.c */
guint cmd_notices(Console *console, int by, const char *args);
/* tour.c */
guint cmd_tour(Console *console, int by, const char *args);

/* command_move.c */
guint cmd_back(Console *console, int by, const char *args);
guint cmd_copy(Console *console, int by, const char *args);
guint cmd_end(Console *console, int by, const char *args);
guint cmd_follow(Console *console, int by, const char *args);
guint cmd_help(Console *console, int by, const char *args);
guint cmd_level(Console *console, int by, const char *args);
guint cmd_mouse(Console *console, int by, const char *args);
guint cmd_open(Console *console, int by, const char *args);
guint cmd_other_run(Console *console, int by, const char *args);
guint cmd_pages(Console *console, int by, const char *args);
guint cmd_palette(Console *console, int by, const char *args);
guint cmd_quit(Console *console, int by, const char *args);
guint cmd_redraw(Console *console, int by, const char *args);
guint cmd_rows(Console *console, int by, const char *args);
guint cmd_section(Console *console, int by, const char *args);
guint cmd_show(Console *console, int by, const char *args);
guint cmd_suspend(Console *console, int by, const char *args);
guint cmd_theme(Console *console, int by, const char *args);

#endif
