/* Subscribes N times to a channel of Redis, each time by a connection of its own, and throws away what comes.
 *
 *   subscribers REDIS_SOCKET CHANNEL N    says `ready` once Redis has taken all
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int count, char **words) {
    struct rlimit files;
    static char waste[65536];
    if (count != 4) return 2;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int poll = epoll_create1(0);
    for (int left = atoi(words[3]); left > 0; left--) {
        redisContext *redis = redisConnectUnix(words[1]);
        redisReply *reply = redis && !redis->err ? redisCommand(redis, "SUBSCRIBE %s", words[2]) : NULL;
        if (!reply || reply->type == REDIS_REPLY_ERROR) {
            fprintf(stderr, "subscribers: Redis takes no more connections with %d to go\n", left);
            return 1;
        }
        freeReplyObject(reply);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = redis->fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, redis->fd, &event);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[256];
        int found = epoll_wait(poll, events, 256, -1);
        for (int place = 0; place < found; place++)
            if (read(events[place].data.fd, waste, sizeof waste) <= 0) return 0;
    }
}
