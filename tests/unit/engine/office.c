/* office.c: see office.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "office.h"

Office
office_new(const char *more)
{
    Office office = {.fixture = fixture_new(more)};

    office.mara = fixture_desk(office.fixture, 71000, "mara");
    office.jonas = fixture_desk(office.fixture, 71001, "jonas");
    office.ines = fixture_desk(office.fixture, 71002, "ines");
    office.lena = fixture_desk(office.fixture, 71003, "lena");
    return office;
}

void
office_free(Office *office)
{
    desk_close(office->mara);
    desk_close(office->jonas);
    desk_close(office->ines);
    desk_close(office->lena);
    fixture_free(office->fixture);
}

RequestState
office_state(const Office *office, gint64 id)
{
    g_autoptr(Request) request = desk_request(office->mara, id, NULL);

    assert_non_null(request);
    return request->state;
}

gint64
office_pending(const Office *office, guint n, gint64 amount)
{
    g_autofree char *ts = g_strdup_printf("1788999990.%06u", n);

    return fixture_pending(office->mara, ts, amount, NULL);
}

void
office_approves(Desk *desk, gint64 id)
{
    g_autoptr(GError) error = NULL;

    if (!desk_approve(desk, id, 0, "checked", NULL, &error))
        fail_msg("%s", error->message);
}

void
office_refuses(Desk *desk, gint64 id, const char *word)
{
    g_autoptr(GError) error = NULL;

    assert_false(desk_approve(desk, id, 0, "checked", NULL, &error));
    assert_int_equal(error->code, ERR_ILLEGAL);
    if (!strstr(error->message, word))
        fail_msg("'%s' does not say '%s'", error->message, word);
}

void
office_posts_not(const Office *office, gint64 id, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Run) run = NULL;
    g_autoptr(Request) request = desk_request(office->mara, id, NULL);

    assert_int_equal(request->state, STATE_APPROVED);
    assert_false(approve_still_valid(office->mara, request, &run, &error));
    if (!strstr(error->message, word))
        fail_msg("'%s' does not say '%s'", error->message, word);
    assert_int_equal(office_state(office, id), STATE_PENDING);
    g_autoptr(Request) after = desk_request(office->mara, id, NULL);
    assert_non_null(strstr(after->note, word));
}

void
office_would_post(const Office *office, gint64 id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Run) run = NULL;
    g_autoptr(Request) request = desk_request(office->mara, id, NULL);

    if (!approve_still_valid(office->mara, request, &run, &error))
        fail_msg("%s", error->message);
}
