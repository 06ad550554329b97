/* run_child COMMAND [ARGUMENT...]: runs a command with its output thrown away and prints "SECONDS KIBIBYTES", the time
 * from before the fork until it had ended and its largest resident set.
 *
 * In C because a process counts the memory that it had before exec as its own, so that a child of Python would never
 * seem to take less than Python. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void become(char **command)
{
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0)
        execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: run_child COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    double begin = now();
    pid_t child = fork();
    if (child == 0)
        become(argv + 1);
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        perror("run_child");
        return 1;
    }
    double seconds = now() - begin;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "run_child: %s failed\n", argv[1]);
        return 1;
    }
    printf("%.6f %ld\n", seconds, usage.ru_maxrss);
    return 0;
}
