#pragma once

/* Gives back the memory that only a program's start needs: what the allocator holds, and the pages of code and
 * constants that have been looked at, of the program and of its libraries. Such pages stay in the system's cache, from
 * where those that are still needed come back at their next use. */
void memory_release_start(void);
