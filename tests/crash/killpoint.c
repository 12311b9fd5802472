/* Kills the process at its Nth change of a file, or lets the disk fail there, for crash tests. Loaded with LD_PRELOAD.
 *
 * KILL_AT=N counts calls that change a regular file or a directory, from 1. KILL_HOW says what happens at the Nth:
 *   before   dies without doing it (also where nothing is said)
 *   torn     does half of it where it is a write, then dies
 *   enospc   refuses it and the next KILL_FOR - 1 (default 1) writes and truncations: no space left on device
 *   eio      refuses it and the next KILL_FOR - 1 calls: input/output error
 *   short    does half of it where it is a write and says so; the next KILL_FOR - 1 writes find no space
 * KILL_PATH=TEXT counts calls on files with TEXT in their path only; KILL_WHEN=FILE only while that file exists.
 * KILL_LOG=FILE gets the number of calls when the process ends by itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { GO, DIE, TEAR, SHORT };

static long calls;

static int is_regular(int fd)
{
    struct stat seen;
    return fstat(fd, &seen) == 0 && S_ISREG(seen.st_mode);
}

static int is_meant(int fd)
{
    const char *path = getenv("KILL_PATH"), *when = getenv("KILL_WHEN");
    char link[64], name[4096];
    ssize_t size;
    if (when && syscall(SYS_faccessat, AT_FDCWD, when, F_OK) != 0)
        return 0;
    if (!path)
        return 1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, name, sizeof name - 1);
    if (size < 0)
        return 0;
    name[size] = 0;
    return strstr(name, path) != NULL;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* What becomes of a call: GO, one of the others, or an errno below zero. */
static int judge(int fd, int is_write, int takes_space)
{
    const char *at = getenv("KILL_AT"), *how = getenv("KILL_HOW"), *times = getenv("KILL_FOR");
    long first, last;
    if (!is_meant(fd))
        return GO;
    calls++;
    if (!at)
        return GO;
    first = atol(at);
    last = first + (times ? atol(times) : 1) - 1;
    if (how && strcmp(how, "eio") == 0)
        return calls >= first && calls <= last ? -EIO : GO;
    if (how && strcmp(how, "enospc") == 0)
        return takes_space && calls >= first && calls <= last ? -ENOSPC : GO;
    if (how && strcmp(how, "short") == 0) {
        if (calls == first)
            return is_write ? SHORT : GO;
        return takes_space && calls > first && calls <= last ? -ENOSPC : GO;
    }
    if (calls != first)
        return GO;
    return how && strcmp(how, "torn") == 0 && is_write ? TEAR : DIE;
}

/* Nonzero: the call is over, with -1 and errno; does not return where the process has to die. */
static int refuses(int fd, int takes_space)
{
    int verdict = judge(fd, 0, takes_space);
    if (verdict == DIE)
        die();
    if (verdict < 0)
        errno = -verdict;
    return verdict < 0;
}

__attribute__((destructor)) static void report(void)
{
    const char *log = getenv("KILL_LOG");
    FILE *out = log ? fopen(log, "w") : NULL;
    if (out) {
        fprintf(out, "%ld\n", calls);
        fclose(out);
    }
}

void _exit(int status)
{
    report();
    syscall(SYS_exit_group, status);
    for (;;)
        pause();
}

static ssize_t put(int fd, const void *data, size_t size, off64_t offset, int seeks)
{
    int verdict = is_regular(fd) ? judge(fd, 1, 1) : GO;
    size_t part = verdict == TEAR || verdict == SHORT ? (size + 1) / 2 : size;
    ssize_t done;
    if (verdict == DIE)
        die();
    if (verdict < 0) {
        errno = -verdict;
        return -1;
    }
    done = seeks ? syscall(SYS_pwrite64, fd, data, part, offset) : syscall(SYS_write, fd, data, part);
    if (verdict == TEAR)
        die();
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    return put(fd, data, size, offset, 1);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return put(fd, data, size, offset, 1);
}

ssize_t write(int fd, const void *data, size_t size)
{
    return put(fd, data, size, 0, 0);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    if (is_regular(fd) && refuses(fd, 1))
        return -1;
    return syscall(SYS_pwritev, fd, parts, count, (long)offset, 0L);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return pwritev64(fd, parts, count, offset);
}

int fsync(int fd)
{
    return refuses(fd, 0) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return refuses(fd, 0) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off64_t size)
{
    return is_regular(fd) && refuses(fd, 1) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

int rename(const char *from, const char *to)
{
    if (!getenv("KILL_PATH") && refuses(-1, 0))
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int link(const char *from, const char *to)
{
    if (!getenv("KILL_PATH") && refuses(-1, 0))
        return -1;
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    if (!getenv("KILL_PATH") && refuses(-1, 0))
        return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
