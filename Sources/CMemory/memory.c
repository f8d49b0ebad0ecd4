#define _GNU_SOURCE
#include "memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

/* Lets go of what one object has mapped and can not write: nothing of that is lost. Advice that is refused, as for what
 * the kernel itself has mapped, changes nothing. */
static int let_go(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    ElfW(Addr) page = (ElfW(Addr))sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[index];
        if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
        ElfW(Addr) first = object->dlpi_addr + part->p_vaddr, start = first / page * page;
        madvise((void *)start, first + part->p_memsz - start, MADV_DONTNEED);
    }
    return 0;
}

void memory_release_start(void) {
    malloc_trim(0);
    dl_iterate_phdr(let_go, 0);
}
