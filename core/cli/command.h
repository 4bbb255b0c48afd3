/* command.h: what a command is: one struct serves the dispatcher, the help, the manual and
 * completion. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <glib.h>

#include "cli/out.h"

typedef struct Session Session;

typedef enum {
    OPT_FLAG,   /* gboolean */
    OPT_TEXT,   /* char * */
    OPT_TEXTS,  /* char **, may be given several times */
    OPT_NUMBER, /* gint */
} OptKind;

/* One option of a command: offset is that of its member in the command's struct of options. */
typedef struct {
    const char *name;
    char letter; /* 0: none */
    OptKind kind;
    gsize offset;
    const char *arg; /* word for its value in the help; NULL for a flag */
    const char *help;
} OptSpec;

typedef enum {
    CMD_READS = 1 << 0,    /* needs the state, changes nothing */
    CMD_WRITES = 1 << 1,   /* needs the whole desk */
    CMD_CONFIG = 1 << 2,   /* needs the configuration only */
    CMD_NEEDS_ID = 1 << 3, /* its first argument is a request's id */
    CMD_JSON = 1 << 4,     /* --json */
    CMD_DRY = 1 << 5,      /* --dry-run means something to it */
    CMD_PASS = 1 << 6,     /* takes --max */
    CMD_LONG = 1 << 7,     /* a signal asks it to stop cleanly */
    CMD_BATCH_OK = 1 << 8, /* wants no terminal */
    CMD_HIDDEN = 1 << 9,   /* not in help, manual and completion */
} CommandFlags;

typedef struct Command {
    const char *name;
    const char *aliases;    /* separated by blanks; NULL: none */
    const char *args;       /* for the help; NULL: none */
    const char *help;       /* one line */
    const char *about;      /* the whole story, several paragraphs */
    const OptSpec *options; /* ended by a NULL name; NULL: none */
    gsize options_size;
    guint min_args, max_args;
    guint flags;
    const char *completes; /* "ids STATE…", "files", "words A B…"; NULL: nothing */
    /* The exit code; an error that was set decides instead. options: its struct. */
    int (*func)(Session *session, const void *options, char **args, GError **error);
} Command;

/* Alphabetical, ended by NULL. */
extern const Command *const command_table[];
/* By name or alias; NULL when there is none. */
const Command *command_find(const char *name);
/* The nearest public name, or NULL. */
const char *command_nearest(const char *name);

/* `creditbot --help` and `creditbot COMMAND --help`. */
void command_help_all(Out *out);
void command_help(Out *out, const Command *command);

/* One file a command. */
extern const Command command_approve;
extern const Command command_batch;
extern const Command command_calc;
extern const Command command_cancel;
extern const Command command_config;
extern const Command command_console;
extern const Command command_correct;
extern const Command command_doctor;
extern const Command command_gendoc;
extern const Command command_history;
extern const Command command_link;
extern const Command command_list;
extern const Command command_logs;
extern const Command command_override;
extern const Command command_pause;
extern const Command command_reject;
extern const Command command_release;
extern const Command command_rerun;
extern const Command command_resume;
extern const Command command_retry;
extern const Command command_review;
extern const Command command_setup;
extern const Command command_show;
extern const Command command_state;
extern const Command command_stats;
extern const Command command_trigger;

#endif
