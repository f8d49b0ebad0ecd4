#include <systemd/sd-event.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
