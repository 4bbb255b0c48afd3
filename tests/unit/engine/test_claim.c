/* test_claim.c: who looks at a request, seen from another process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/error.h"
#include "fixture.h"

#define USD(n) ((gint64)(n)*1000000)
#define TS     "1788999990.000100"

static void
say(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void
hear(int fd)
{
    char byte;

    assert_int_equal(read(fd, &byte, 1), 1);
}

/* A console of jonas that looks at the request until it is told to leave without a word. */
static void
other_console(Fixture *fixture, int in, int out)
{
    Desk *desk;

    hear(in);
    desk = fixture_desk(fixture, 1001, "jonas");
    assert_true(desk_claim(desk, 1, "looking", NULL));
    say(out);
    hear(in);
    assert_true(desk_claim(desk, 1, "deciding", NULL));
    say(out);
    hear(in);
    _exit(0);
}

/* The fork comes first: a process asks who it is only once. */
static void
others_see_it_until_its_process_is_gone(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    int to[2], from[2];

    assert_int_equal(pipe(to) | pipe(from), 0);
    pid_t child = fork();
    if (child == 0)
        other_console(fixture, to[0], from[1]);
    Desk *mara = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(mara, TS, USD(900), NULL);
    assert_int_equal(id, 1);
    assert_null(desk_claimed_by(mara, id));
    say(to[1]);
    hear(from[0]);
    fixture->now += 120 * G_USEC_PER_SEC;
    g_autofree char *looking = desk_claimed_by(mara, id);
    assert_string_equal(looking, "jonas is looking at it since 2m");
    g_autoptr(Preview) preview = desk_preview(mara, id, "result", 0, NULL, NULL);
    assert_string_equal(preview->claim, looking);
    say(to[1]);
    hear(from[0]);
    g_autofree char *deciding = desk_claimed_by(mara, id);
    assert_string_equal(deciding, "jonas is deciding on it since 2m");
    say(to[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_null(desk_claimed_by(mara, id));
    desk_close(mara);
    fixture_free(fixture);
}

static void
a_release_is_noted(void **unused)
{
    (void)unused;
    Fixture *fixture = fixture_new(NULL);
    Desk *mara = fixture_desk(fixture, 1000, "mara");
    gint64 id = fixture_pending(mara, TS, USD(900), NULL);
    g_autoptr(GError) error = NULL;

    assert_true(desk_claim(mara, id, "looking", NULL));
    assert_null(desk_claimed_by(mara, id)); /* one's own */
    assert_true(desk_release_claim(mara, id, NULL));
    g_autoptr(GPtrArray) events = store_events(mara->store, id, 0, 1, NULL);
    const Event *event = g_ptr_array_index(events, 0);
    assert_string_equal(event->kind, "release");
    assert_non_null(strstr(event->detail, "\"of\":\"mara\""));
    assert_false(desk_release_claim(mara, id, &error));
    assert_int_equal(error->code, ERR_NOT_FOUND);
    assert_false(desk_release_claim(mara, 4711, NULL));
    desk_close(mara);
    fixture_free(fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_see_it_until_its_process_is_gone),
        cmocka_unit_test(a_release_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
