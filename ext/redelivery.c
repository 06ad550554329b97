/* Python's own handler of a signal notes that it came, and the interpreter calls the function that was set for it when
 * it looks next.  Where the signal comes between that look and a system call that blocks, it interrupts nothing: a
 * process that waits for ever and that a SIGTERM would have killed, had nobody set a function for it, goes on waiting.
 * So a timer brings the signal again and again until the function is called. */
#include "redelivery.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

const char redelivery_begin_doc[] =
"redeliver(signal)\n\n"
"Have a signal, for which Python has a handler, come again every tenth of a second until answered() is called.  Until\n"
"the next signal.signal() for it.";

const char redelivery_answered_doc[] =
"answered()\n\n"
"To be called first in the handler of such a signal.";

#ifdef __linux__
#include <sys/syscall.h>

enum { INTERVAL_NS = 100 * 1000 * 1000 };

static void (*python_handlers[NSIG])(int);
/* Of the kernel: a signal handler may call no function of libc that makes one.  A forked child has none. */
static volatile int timer;
static volatile pid_t timer_process;

static void make_timer(int number)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
    struct itimerspec time = {.it_interval = {0, INTERVAL_NS}, .it_value = {0, INTERVAL_NS}};
    int id;
    if (timer_process == getpid() || syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) < 0)
        return;
    timer = id;
    timer_process = getpid();
    syscall(SYS_timer_settime, id, 0, &time, NULL);
}

static void on_signal(int number)
{
    int error = errno;
    python_handlers[number](number);
    make_timer(number);
    errno = error;
}

static void delete_timer(void)
{
    int id = timer;
    if (timer_process != getpid())
        return;
    timer_process = 0;
    syscall(SYS_timer_delete, id);
}

static int take_over(int number)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) < 0)
        return -1;
    if (action.sa_flags & SA_SIGINFO || action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN ||
        action.sa_handler == on_signal)
        return 0;
    python_handlers[number] = action.sa_handler;
    action.sa_handler = on_signal;
    return sigaction(number, &action, NULL);
}
#else
static void delete_timer(void)
{
}

static int take_over(int number)
{
    (void)number;
    return 0;
}
#endif

PyObject *redelivery_begin(PyObject *module, PyObject *argument)
{
    long number = PyLong_AsLong(argument);
    if (number == -1 && PyErr_Occurred())
        return NULL;
    if (number < 1 || number >= NSIG) {
        PyErr_Format(PyExc_ValueError, "%ld is no signal", number);
        return NULL;
    }
    return take_over((int)number) == 0 ? Py_NewRef(Py_None) : PyErr_SetFromErrno(PyExc_OSError);
}

PyObject *redelivery_answered(PyObject *module, PyObject *unused)
{
    delete_timer();
    return Py_NewRef(Py_None);
}
