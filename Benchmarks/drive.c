/* Makes events for a program that keeps `items:ID`, and measures it from outside.
 *
 *   drive CONNINFO REDIS_SOCKET burst N [PAYLOAD]
 *       N keys that do not exist are notified at once: seconds until all do. PAYLOAD is the SQL of the payload, where i
 *       counts from 1 to N; without it, the number is all.
 *   drive CONNINFO REDIS_SOCKET ping N
 *       N single commits, one after the other: microseconds until a subscriber of `items` has heard, at the median and
 *       at the 99th percentile
 *   drive CONNINFO REDIS_SOCKET hot N KEYS
 *       N events, KEYS of them in a transaction, one a key: seconds until the last commit, and when it was, by the
 *       monotonic clock
 */
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int by_size(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void run(PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "drive: %s", PQerrorMessage(connection));
        exit(1);
    }
    PQclear(result);
}

static long long number_in(redisReply *reply) {
    if (!reply || reply->type == REDIS_REPLY_ERROR) exit(1);
    long long number = reply->integer;
    freeReplyObject(reply);
    return number;
}

static long long ask(redisContext *redis, const char *script) {
    return number_in(redisCommand(redis, "EVAL %s 0", script));
}

/* The database's size is cheap to ask for, and may grow by a key of the program's own; then the keys are counted. */
static void burst(PGconn *connection, redisContext *redis, int count, const char *payload) {
    char sql[500];
    long long before = ask(redis, "for _, key in ipairs(redis.call('KEYS', 'items:*')) do redis.call('DEL', key) end "
                                  "return redis.call('DBSIZE')");
    snprintf(sql, sizeof sql, "SELECT count(pg_notify('items', %s)) FROM generate_series(1, %d) i",
             payload ? payload : "i::text", count);
    double began = now(), seconds = 0;
    run(connection, sql);
    for (bool complete = false; !complete;) {
        usleep(1000);
        bool enough = number_in(redisCommand(redis, "DBSIZE")) >= before + count;
        seconds = now() - began;
        complete = enough && ask(redis, "return #redis.call('KEYS', 'items:*')") >= count;
        if (seconds > 60) exit(1);
    }
    printf("%f\n", seconds);
}

static void ping(PGconn *connection, redisContext *redis, int count) {
    char sql[160];
    double *times = malloc((size_t)count * sizeof *times);
    freeReplyObject(redisCommand(redis, "SUBSCRIBE items"));
    for (int turn = 0; turn < count; turn++) {
        int id = turn % 1000 + 1;
        void *reply;
        sprintf(sql, "UPDATE items SET price = price + 1 WHERE id = %d; NOTIFY items, '%d'", id, id);
        double began = now();
        run(connection, sql);
        if (redisGetReply(redis, &reply) != REDIS_OK) exit(1);
        times[turn] = (now() - began) * 1e6;
        freeReplyObject(reply);
    }
    qsort(times, (size_t)count, sizeof *times, by_size);
    printf("%.1f %.1f\n", times[count / 2], times[count * 99 / 100]);
}

static void hot(PGconn *connection, int count, int keys) {
    char sql[160];
    sprintf(sql, "SELECT count(pg_notify('items', i::text)) FROM generate_series(1, %d) i", keys);
    double began = now();
    for (int made = 0; made < count; made += keys) run(connection, sql);
    double ended = now();
    printf("%f %f\n", ended - began, ended);
}

int main(int count, char **words) {
    if (count != 5 && count != 6) return 2;
    const char *extra = count == 6 ? words[5] : NULL;
    PGconn *connection = PQconnectdb(words[1]);
    redisContext *redis = redisConnectUnix(words[2]);
    if (PQstatus(connection) != CONNECTION_OK || !redis || redis->err) return 1;
    if (strcmp(words[3], "burst") == 0) burst(connection, redis, atoi(words[4]), extra);
    else if (strcmp(words[3], "ping") == 0) ping(connection, redis, atoi(words[4]));
    else if (strcmp(words[3], "hot") == 0 && extra) hot(connection, atoi(words[4]), atoi(extra));
    else return 2;
    return 0;
}
