#ifndef REKINDLE_CSYSTEMD_H
#define REKINDLE_CSYSTEMD_H

/* The event loop has a C module of its own, and the journal is written without libsystemd: see JournalSocket.swift. */
#include <systemd/sd-daemon.h>

#endif
