/* link.c: `creditbot link ID URL`: answers 'needs a link', and works the request. */
#include "cli/retry.h"
#include "cli/session.h"

static int
run(Session *session, const void *options, char **args, GError **error)
{
    gint64 id = 0;
    (void)options;
    if (!session_id(args[0], &id, error) || !session_desk(session, FALSE, error))
        return 2;
    return retry_work(session, id, args[1], error);
}

const Command command_link = {
    .name = "link",
    .args = "ID URL",
    .help = "give a request the Looker link that it lacks",
    .about =
        "Takes the link by the same rules as one in the thread, says why when it does not count,\n"
        "and takes the request as far as a pass would. Nothing is said in the thread.",
    .min_args = 2,
    .max_args = 2,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .completes = "ids needs_link",
    .func = run,
};
