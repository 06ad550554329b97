/* What a fuzz target is: one function that takes any bytes, and aborts when something does not hold.  libFuzzer
 * calls it with bytes that it makes up, driver.c with the files of the corpus. */
#ifndef PROFSTAT_TESTS_FUZZ_H
#define PROFSTAT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes a file.  One that is accepted must encode to bytes that decode, and encode to the same bytes again; one
 * that is refused must give a reason, and a byte within the file.  The decoder without its short ways must say the
 * same, and so must the decoder of which only the totals are wanted. */
void fuzz_file(const uint8_t *data, size_t size);

/* statfile_decode without marshal_quick.h. */
int general_decode(struct profile *profile, const void *data, size_t size, unsigned parts, struct error *error);

#endif
