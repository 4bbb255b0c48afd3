/* error.c: the names, the exit codes and the permanence of the engine's errors, one table. */
#include "base/error.h"

GQuark
creditbot_error_quark(void)
{
    return g_quark_from_static_string("creditbot-error-quark");
}

typedef struct {
    const char *name;
    int exit_code;
    gboolean transient;
} ErrorKind;

/* Exit codes: design.md 5. 1 work failed, 2 usage or configuration, 3 a dependency, 4 the lease,
 * 5 the state. 130 stands for an operator's stop; the signal itself decides between 130 and 143. */
static const ErrorKind kinds[] = {
    [ERR_USAGE] = {"usage", 2, FALSE},
    [ERR_CONFIG] = {"config", 2, FALSE},
    [ERR_INPUT] = {"input", 1, FALSE},
    [ERR_NOT_FOUND] = {"not_found", 1, FALSE},
    [ERR_ILLEGAL] = {"illegal", 1, FALSE},
    [ERR_CONFLICT] = {"conflict", 1, TRUE},
    [ERR_UNREACHABLE] = {"unreachable", 3, TRUE},
    [ERR_AUTH] = {"auth", 3, FALSE},
    [ERR_REFUSED] = {"refused", 1, FALSE},
    [ERR_RATE] = {"rate", 3, TRUE},
    [ERR_BUSY] = {"busy", 3, TRUE},
    [ERR_UNCLEAR] = {"unclear", 1, FALSE},
    [ERR_BAD_ANSWER] = {"bad_answer", 3, FALSE},
    [ERR_TIMEOUT] = {"timeout", 1, TRUE},
    [ERR_CANCELLED] = {"cancelled", 130, FALSE},
    [ERR_LEASE] = {"lease", 4, TRUE},
    [ERR_STORE] = {"store", 5, FALSE},
};

static const ErrorKind *
kind_of(int code)
{
    if (code < 0 || code >= (int)G_N_ELEMENTS(kinds))
        return NULL;
    return &kinds[code];
}

gboolean
error_is_transient(const GError *error)
{
    if (!error || error->domain != CREDITBOT_ERROR)
        return FALSE;
    const ErrorKind *kind = kind_of(error->code);
    return kind && kind->transient;
}

const char *
error_code_name(int code)
{
    const ErrorKind *kind = kind_of(code);
    return kind ? kind->name : "unknown";
}

int
error_exit_code(const GError *error)
{
    if (!error)
        return 0;
    if (error->domain == G_OPTION_ERROR)
        return 2;
    const ErrorKind *kind = error->domain == CREDITBOT_ERROR ? kind_of(error->code) : NULL;
    return kind ? kind->exit_code : 1;
}
