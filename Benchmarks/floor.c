/* The least that a program can do which keeps `items:ID` for every notification ID of channel `items`: no retries,
 * no fence, no configuration, no metrics. What Rekindle costs is told beside it.
 *
 *   floor CONNINFO REDIS_SOCKET one    one event at a time, and a round trip each to Postgres and Redis
 *   floor CONNINFO REDIS_SOCKET many   all events that have come, by one statement and one write
 */
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1024
#define ROW "SELECT id, name, price, tags, updated_at FROM items WHERE id = "

static PGconn *reader;
static redisContext *redis;

static void give_up(const char *what) {
    fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

static PGresult *answer(PGresult *result) {
    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        give_up(PQresultErrorMessage(result));
    return result;
}

/* Stores a value for an hour and tells the subscribers; both are answered. */
static void store(const char *id, const char *value, int length) {
    char key[32];
    const char *set[] = {"SET", key, value, "PX", "3600000"}, *tell[] = {"PUBLISH", "items", id};
    size_t set_lengths[] = {3, (size_t)sprintf(key, "items:%s", id), (size_t)length, 2, 7};
    size_t tell_lengths[] = {7, 5, strlen(id)};
    redisAppendCommandArgv(redis, 5, set, set_lengths);
    redisAppendCommandArgv(redis, 3, tell, tell_lengths);
}

static void await_answers(int count) {
    for (void *reply; count > 0; count--) {
        if (redisGetReply(redis, &reply) != REDIS_OK) give_up(redis->errstr);
        freeReplyObject(reply);
    }
}

static void refresh(const char *statement, const char *parameter) {
    PGresult *rows = answer(PQexecPrepared(reader, statement, 1, &parameter, NULL, NULL, 0));
    int count = PQntuples(rows);
    for (int row = 0; row < count; row++)
        store(PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), PQgetlength(rows, row, 1));
    await_answers(2 * count);
    PQclear(rows);
}

int main(int count, char **words) {
    if (count != 4) give_up("usage: floor CONNINFO REDIS_SOCKET one|many");
    int most = strcmp(words[3], "many") == 0 ? MOST : 1;
    PGconn *listener = PQconnectdb(words[1]);
    reader = PQconnectdb(words[1]);
    redis = redisConnectUnix(words[2]);
    if (PQstatus(listener) != CONNECTION_OK || PQstatus(reader) != CONNECTION_OK || !redis || redis->err)
        give_up("a server is not there");
    PQclear(answer(PQprepare(reader, "one", "SELECT id::text, to_json(q)::text FROM (" ROW "$1::int) q", 1, NULL)));
    PQclear(answer(
        PQprepare(reader, "many", "SELECT id::text, to_json(q)::text FROM (" ROW "ANY($1::int[])) q", 1, NULL)));
    PQclear(answer(PQexec(listener, "LISTEN items")));
    puts("ready");
    fflush(stdout);
    char *list = malloc(MOST * 16);
    for (;;) {
        int found = 0;
        char *end = list + sprintf(list, "{");
        for (PGnotify *event; found < most && (event = PQnotifies(listener)); found++) {
            end += sprintf(end, found ? ",%s" : "%s", event->extra);
            PQfreemem(event);
        }
        if (found == 0) {
            struct pollfd ready = {PQsocket(listener), POLLIN, 0};
            poll(&ready, 1, -1);
            if (!PQconsumeInput(listener)) give_up(PQerrorMessage(listener));
        } else if (most == 1) {
            refresh("one", list + 1);
        } else {
            strcpy(end, "}");
            refresh("many", list);
        }
    }
}
