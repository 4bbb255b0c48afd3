/* skew.c: preloaded, it makes the clock of a process wrong: the file $CREDITBOT_SKEW holds the
 * seconds that are added to the time of day, read anew at each look, so that the clock jumps while
 * the process runs. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int skewed_clock(clockid_t clock, struct timespec *at) __asm__("clock_gettime");
int skewed_day(struct timeval *at, void *zone) __asm__("gettimeofday");
time_t skewed_time(time_t *at) __asm__("time");

static long
skew(void)
{
    char text[32] = "";
    const char *file = getenv("CREDITBOT_SKEW");
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? strtol(text, NULL, 10) : 0;
}

int
skewed_clock(clockid_t clock, struct timespec *at)
{
    long code = syscall(SYS_clock_gettime, clock, at);
    if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        at->tv_sec += skew();
    return (int)code;
}

int
skewed_day(struct timeval *at, void *zone)
{
    struct timespec now;
    (void)zone;
    if (skewed_clock(CLOCK_REALTIME, &now) != 0)
        return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t
skewed_time(time_t *at)
{
    struct timespec now;
    skewed_clock(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}
