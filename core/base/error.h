/* error.h: the one error domain of the engine.
 *
 * Every call that can fail takes a GError ** and leaves its out-parameters untouched on failure.
 * A message says what was tried, on what, and what to do; it never carries a secret. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <glib.h>

#define CREDITBOT_ERROR creditbot_error_quark()
GQuark creditbot_error_quark(void);

typedef enum {
    ERR_USAGE,  /* wrong words on the command line */
    ERR_CONFIG, /* configuration missing, malformed or unsafe */
    ERR_INPUT,  /* data that we cannot use: a column missing, a malformed number, a refused SQL */
    ERR_NOT_FOUND,   /* the named thing does not exist (there or here) */
    ERR_ILLEGAL,     /* the state of the request does not allow it */
    ERR_CONFLICT,    /* another process changed it first */
    ERR_UNREACHABLE, /* connection refused, DNS, TLS, time-out before an answer */
    ERR_AUTH,        /* the service refused our credentials or our scopes */
    ERR_REFUSED,     /* the service said no, and will say no again */
    ERR_RATE,        /* the service asked us to wait, longer than we may */
    ERR_BUSY,        /* the service failed in a way that may pass (5xx, insufficient resources) */
    ERR_UNCLEAR,     /* sent, but the fate is unknown: never repeat without reading back */
    ERR_BAD_ANSWER,  /* an answer outside the protocol: malformed, cut, too large */
    ERR_TIMEOUT,     /* our own limit on a long work */
    ERR_CANCELLED,   /* an operator or a signal stopped it */
    ERR_LEASE,       /* another pass holds the lease */
    ERR_STORE,       /* the state is damaged, full, read-only or newer than this program */
} CreditbotError;

/* True when the same call may succeed later without anybody changing anything. */
gboolean error_is_transient(const GError *error);

/* The name of a code as logs and JSON show it, e.g. "unreachable". Static. */
const char *error_code_name(int code);

/* Exit code of design.md section 5 for an error that ended a command. */
int error_exit_code(const GError *error);

#endif
