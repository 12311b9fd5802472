/* Kills the process at its Nth change of a file, for crash tests. Loaded with LD_PRELOAD.
 *
 * KILL_AT=N counts calls that change a regular file or a directory, from 1. KILL_HOW=before dies without doing the Nth,
 * `torn` does half of it where it is a write. KILL_LOG=FILE gets the number of calls when the process ends by itself. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;

static int is_regular(int fd)
{
    struct stat seen;
    return fstat(fd, &seen) == 0 && S_ISREG(seen.st_mode);
}

/* 0: go on; 1: the moment has come. */
static int is_due(void)
{
    const char *at = getenv("KILL_AT");
    return ++calls == (at ? atol(at) : -1);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static int is_torn(void)
{
    const char *how = getenv("KILL_HOW");
    return how && strcmp(how, "torn") == 0;
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

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    if (is_regular(fd) && is_due()) {
        if (is_torn())
            syscall(SYS_pwrite64, fd, data, size / 2, offset);
        die();
    }
    return syscall(SYS_pwrite64, fd, data, size, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (is_regular(fd) && is_due()) {
        if (is_torn())
            syscall(SYS_write, fd, data, size / 2);
        die();
    }
    return syscall(SYS_write, fd, data, size);
}

int fsync(int fd)
{
    if (is_due())
        die();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    if (is_due())
        die();
    return (int)syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off64_t size)
{
    if (is_regular(fd) && is_due())
        die();
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

int rename(const char *from, const char *to)
{
    if (is_due())
        die();
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int link(const char *from, const char *to)
{
    if (is_due())
        die();
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    if (is_due())
        die();
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
