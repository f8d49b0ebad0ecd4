// toml++ and simdjson behind plain C: nothing here throws, aborts or keeps a pointer of the caller's.
#ifndef CPARSERS_H
#define CPARSERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Borrowed bytes, not ended by a NUL; valid as long as what they came from.
typedef struct rk_text {
    const uint8_t *bytes;
    size_t count;
} rk_text;

// ---- TOML -------------------------------------------------------------------------------------------------

typedef enum rk_toml_kind {
    RK_TOML_TABLE,
    RK_TOML_ARRAY,
    RK_TOML_STRING,
    RK_TOML_INTEGER,
    RK_TOML_FLOAT,
    RK_TOML_BOOLEAN,
    RK_TOML_MOMENT, // a date, a time, or both
} rk_toml_kind;

// One node of the tree. The nodes are numbered so that the root is 0 and children follow their parents; the
// children of a node are the `count` nodes from `first`, in the order in which the file gives them.
typedef struct rk_toml_node {
    rk_toml_kind kind;
    uint32_t line;   // from 1; of the key for a member of a table, else of the value
    uint32_t column; // from 1, in characters
    uint32_t first;
    uint32_t count;
    bool boolean;
    int64_t integer;
    double number;
    rk_text key;  // of a member of a table, else empty
    rk_text text; // of a string
} rk_toml_node;

// Where and why a text is not TOML.
typedef struct rk_toml_fault {
    uint32_t line;
    uint32_t column;
    rk_text message;
} rk_toml_fault;

typedef struct rk_toml_document rk_toml_document;

// Parses a text. The caller owns what comes back and gives it to rk_toml_destroy; NULL means out of memory.
rk_toml_document *rk_toml_parse(const uint8_t *bytes, size_t count);
void rk_toml_destroy(rk_toml_document *owned);

// False, and the fault untouched, when the text was TOML. The message is borrowed from the document.
bool rk_toml_failed(const rk_toml_document *document, rk_toml_fault *fault);

// How many nodes there are; 0 when the text was not TOML.
uint32_t rk_toml_count(const rk_toml_document *document);

// The node of a number below the count; its texts are borrowed from the document.
rk_toml_node rk_toml_at(const rk_toml_document *document, uint32_t number);

// ---- JSON -------------------------------------------------------------------------------------------------

typedef enum rk_json_kind {
    RK_JSON_ABSENT,
    RK_JSON_NULL,
    RK_JSON_STRING,    // bytes: unescaped
    RK_JSON_NUMBER,    // bytes: as spelled
    RK_JSON_BOOLEAN,   // bytes: `true` or `false`
    RK_JSON_CONTAINER, // bytes: the JSON of the object or array, its inside unchecked
    RK_JSON_MALFORMED,
} rk_json_kind;

typedef struct rk_json_value {
    rk_json_kind kind;
    rk_text text; // borrowed until the next call with the same reader
} rk_json_value;

typedef struct rk_json_reader rk_json_reader;

// Makes a reader of payloads up to `longest` bytes; the caller owns it. NULL means out of memory.
rk_json_reader *rk_json_create(size_t longest);
void rk_json_destroy(rk_json_reader *owned);

// Copies a payload in and indexes it. False when it is empty, too long, not UTF-8 or has an open string.
bool rk_json_open(rk_json_reader *reader, const uint8_t *bytes, size_t count);

// The index of a step that is not a number.
#define RK_JSON_NO_INDEX UINT32_MAX

// How deep a path may reach.
#define RK_JSON_DEEPEST 256

// Finds what stands at a path: steps one after the other, each an index (native uint32_t, for arrays), the length
// of a name (native uint32_t) and the name (for objects). No step at all is the whole payload. Of equal names in
// one object the first counts.
rk_json_value rk_json_find(rk_json_reader *reader, const uint8_t *path, size_t count);

// A stretch of the open payload.
typedef struct rk_json_extent {
    uint32_t start;
    uint32_t count;
} rk_json_extent;

// Where the elements of the open payload lie, without the space around them; how many there are. Negative when the
// whole payload is no array, or has more than `most` elements. The inside of an element is unchecked.
ptrdiff_t rk_json_elements(rk_json_reader *reader, rk_json_extent *extents, size_t most);

#ifdef __cplusplus
}
#endif

#endif
