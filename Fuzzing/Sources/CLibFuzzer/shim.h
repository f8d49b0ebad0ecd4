#ifndef REKINDLE_CLIBFUZZER_H
#define REKINDLE_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer as a library: its main loop, which runs `target` until it finds a fault or its limits are reached. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*target)(const uint8_t *bytes, size_t count));

#endif
