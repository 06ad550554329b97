/* What a fuzz target is: one function that takes any bytes, and aborts when something does not hold.  libFuzzer calls it
 * with bytes that it makes up, driver.c with the files of the corpus. */
#ifndef PROFSTAT_TESTS_FUZZ_H
#define PROFSTAT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes a file.  One that is accepted must encode to bytes that decode, and encode to the same bytes again; one that is
 * refused must give a reason, and a byte within the file. */
void fuzz_file(const uint8_t *data, size_t size);

#endif
