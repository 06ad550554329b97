#include "program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { MUCH = 1 << 22 };

static int run(const char *script, const void *input, size_t size, size_t most, struct buffer *output,
               struct error *error)
{
    char shell[] = "sh", option[] = "-c", text[200];
    char *argv[] = {shell, option, text, NULL};
    strcpy(text, script);
    return program_run(argv, input, size, most, output, error);
}

START_TEST(both_ways_more_than_a_pipe_holds)
{
    struct buffer output;
    char *input = malloc(MUCH);
    memset(input, 'x', MUCH);
    buffer_init(&output, &allocator_libc);
    buffer_append_string(&output, "before ");
    ck_assert_int_eq(run("cat", input, MUCH, MUCH, &output, NULL), 0);
    ck_assert_uint_eq(output.size, MUCH + 7);
    ck_assert_mem_eq(output.data, "before x", 8);
    ck_assert_mem_eq(output.data + 7, input, MUCH);
    buffer_release(&output);
    free(input);
}
END_TEST

START_TEST(input_need_not_be_read)
{
    struct buffer output;
    char *input = calloc(MUCH, 1);
    buffer_init(&output, &allocator_libc);
    ck_assert_int_eq(run("exec <&-; echo done", input, MUCH, 100, &output, NULL), 0);
    ck_assert_uint_eq(output.size, 5);
    buffer_release(&output);
    free(input);
}
END_TEST

static void assert_refused(const char *script, size_t most, const char *reason)
{
    struct buffer output;
    struct error error = {0};
    buffer_init(&output, &allocator_libc);
    ck_assert_int_eq(run(script, "", 0, most, &output, &error), -1);
    ck_assert_str_eq(error.reason, reason);
    buffer_release(&output);
}

START_TEST(a_failure_is_told_with_its_reason)
{
    assert_refused("echo half; echo one >&2; echo two >&2; exit 7", 100, "sh failed: one");
    assert_refused("exit 7", 100, "sh failed: it does not say why");
    assert_refused("kill -TERM $$", 100, "sh was ended by signal 15");
    assert_refused("yes | head -c 100000 >&2; exit 1", 100, "sh failed: y");
}
END_TEST

START_TEST(too_much_output_is_stopped)
{
    assert_refused("exec yes", 100000, "sh puts out more than 100000 bytes");
}
END_TEST

START_TEST(a_missing_program_is_known_as_such)
{
    struct buffer output;
    struct error error = {0};
    char name[] = "no-such-program";
    buffer_init(&output, &allocator_libc);
    ck_assert_int_eq(program_run((char *[]){name, NULL}, "", 0, 1, &output, &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_int_eq(error.system_errno, ENOENT);
    buffer_release(&output);
}
END_TEST

static int echo(const struct allocator *allocator, void *context)
{
    struct buffer output;
    buffer_init(&output, allocator);
    int result = run("echo hello; echo no >&2", "", 0, 100, &output, NULL);
    buffer_release(&output);
    return result;
}

START_TEST(says_when_memory_is_short)
{
    test_fail_each_allocation(echo, NULL);
}
END_TEST

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    Suite *suite = suite_create("program");
    TCase *tcase = tcase_create("program");
    tcase_add_test(tcase, both_ways_more_than_a_pipe_holds);
    tcase_add_test(tcase, input_need_not_be_read);
    tcase_add_test(tcase, a_failure_is_told_with_its_reason);
    tcase_add_test(tcase, too_much_output_is_stopped);
    tcase_add_test(tcase, a_missing_program_is_known_as_such);
    tcase_add_test(tcase, says_when_memory_is_short);
    suite_add_tcase(suite, tcase);
    return test_main(suite);
}
