// Payload fields by simdjson's on-demand parser: one parser and one padded buffer, reused for every payload.
#include "CParsers.h"

// The same code in debug and release builds.
#define SIMDJSON_DEVELOPMENT_CHECKS 0

#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>
#include <string_view>

namespace od = simdjson::ondemand;

struct rk_json_reader {
    size_t longest;
    std::unique_ptr<char[]> buffer;
    size_t count = 0;
    od::parser parser;
    od::document document;
    enum { closed, fresh, walked, failed } state = closed;
};

namespace {

using std::string_view;

constexpr rk_json_value absent{RK_JSON_ABSENT, {nullptr, 0}};
constexpr rk_json_value malformed{RK_JSON_MALFORMED, {nullptr, 0}};

rk_json_value value_of(rk_json_kind kind, string_view text) {
    return {kind, {reinterpret_cast<const uint8_t *>(text.data()), text.size()}};
}

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

string_view trimmed(string_view text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

size_t digits(string_view text, size_t at) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') at++;
    return at;
}

// JSON's grammar of numbers; the token itself is what the caller wants, so it is never converted.
bool is_number(string_view text) {
    size_t at = text.substr(0, 1) == "-" ? 1 : 0;
    size_t end = digits(text, at);
    if (end == at || (text[at] == '0' && end > at + 1)) return false;
    if (end < text.size() && text[end] == '.') {
        at = end + 1;
        end = digits(text, at);
        if (end == at) return false;
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        at = end + 1;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) at++;
        end = digits(text, at);
        if (end == at) return false;
    }
    return end == text.size();
}

rk_json_value scalar_of(string_view token) {
    token = trimmed(token);
    if (token == "null") return value_of(RK_JSON_NULL, token);
    if (token == "true" || token == "false") return value_of(RK_JSON_BOOLEAN, token);
    return is_number(token) ? value_of(RK_JSON_NUMBER, token) : malformed;
}

bool token_of(od::document &document, string_view &token) { return !document.raw_json_token().get(token); }

bool token_of(od::value &value, string_view &token) {
    token = value.raw_json_token();
    return true;
}

// `Node` is a document or a value of it.
template <typename Node> rk_json_value read(Node &node) {
    od::json_type type;
    if (node.type().get(type)) return malformed;
    string_view text;
    switch (type) {
    case od::json_type::string:
        return node.get_string().get(text) ? malformed : value_of(RK_JSON_STRING, text);
    case od::json_type::object: {
        od::object object;
        if (node.get_object().get(object) || object.raw_json().get(text)) return malformed;
        return value_of(RK_JSON_CONTAINER, trimmed(text));
    }
    case od::json_type::array: {
        od::array array;
        if (node.get_array().get(array) || array.raw_json().get(text)) return malformed;
        return value_of(RK_JSON_CONTAINER, trimmed(text));
    }
    default: return token_of(node, text) ? scalar_of(text) : malformed;
    }
}

struct Step {
    uint32_t index;
    string_view name;
};

bool take_step(string_view &path, Step &step) {
    uint32_t head[2];
    if (path.size() < sizeof head) return false;
    std::memcpy(head, path.data(), sizeof head);
    path.remove_prefix(sizeof head);
    if (head[1] > path.size()) return false;
    step = {head[0], path.substr(0, head[1])};
    path.remove_prefix(head[1]);
    return true;
}

enum class Descent { found, absent, malformed };

// Keys are compared unescaped: `"\u0069d"` and `"id"` are one name.
Descent into(od::object object, string_view name, od::value &child) {
    for (auto member : object) {
        od::field field;
        string_view key;
        if (std::move(member).get(field) || field.unescaped_key().get(key)) return Descent::malformed;
        if (key != name) continue;
        child = field.value();
        return Descent::found;
    }
    return Descent::absent;
}

Descent into(od::array array, uint32_t index, od::value &child) {
    for (auto element : array) {
        if (std::move(element).get(child)) return Descent::malformed;
        if (index-- == 0) return Descent::found;
    }
    return Descent::absent;
}

template <typename Node> Descent descend(Node &node, const Step &step, od::value &child) {
    od::json_type type;
    if (node.type().get(type)) return Descent::malformed;
    if (type == od::json_type::object) {
        od::object object;
        return node.get_object().get(object) ? Descent::malformed : into(object, step.name, child);
    }
    if (type == od::json_type::array) {
        od::array array;
        if (node.get_array().get(array)) return Descent::malformed;
        return step.index == RK_JSON_NO_INDEX ? Descent::absent : into(array, step.index, child);
    }
    return read(node).kind == RK_JSON_MALFORMED ? Descent::malformed : Descent::absent;
}

rk_json_value find(od::document &document, string_view path) {
    Step step;
    od::value node;
    bool at_root = true;
    for (int depth = 0; !path.empty(); depth++) {
        if (depth == RK_JSON_DEEPEST || !take_step(path, step)) return absent;
        od::value child;
        switch (at_root ? descend(document, step, child) : descend(node, step, child)) {
        case Descent::found: break;
        case Descent::absent: return absent;
        case Descent::malformed: return malformed;
        }
        node = child;
        at_root = false;
    }
    return at_root ? read(document) : read(node);
}

// The spelling of an element; false for what can not begin a value.
bool spelling_of(od::value &element, string_view &text) {
    od::json_type type;
    if (element.type().get(type)) return false;
    switch (type) {
    case od::json_type::object: {
        od::object object;
        return !element.get_object().get(object) && !object.raw_json().get(text);
    }
    case od::json_type::array: {
        od::array array;
        return !element.get_array().get(array) && !array.raw_json().get(text);
    }
    default: return token_of(element, text);
    }
}

constexpr ptrdiff_t no_array = -1;

ptrdiff_t elements(rk_json_reader &reader, rk_json_extent *extents, size_t most) {
    od::array array;
    if (reader.document.get_array().get(array)) return no_array;
    size_t found = 0;
    for (auto item : array) {
        od::value element;
        string_view text;
        if (std::move(item).get(element) || !spelling_of(element, text) || found == most) return no_array;
        text = trimmed(text);
        extents[found++] = {static_cast<uint32_t>(text.data() - reader.buffer.get()), static_cast<uint32_t>(text.size())};
    }
    // At the end of the payload there is no location any more.
    const char *location;
    return reader.document.current_location().get(location) == simdjson::OUT_OF_BOUNDS ? static_cast<ptrdiff_t>(found) : no_array;
}

bool index(rk_json_reader &reader) {
    simdjson::padded_string_view view(reader.buffer.get(), reader.count, reader.longest + simdjson::SIMDJSON_PADDING);
    bool valid = !reader.parser.iterate(view).get(reader.document);
    reader.state = valid ? rk_json_reader::fresh : rk_json_reader::failed;
    return valid;
}

} // namespace

extern "C" rk_json_reader *rk_json_create(size_t longest) {
    try {
        auto reader = std::make_unique<rk_json_reader>();
        reader->longest = longest;
        reader->buffer.reset(new char[longest + simdjson::SIMDJSON_PADDING]());
        if (reader->parser.allocate(longest, RK_JSON_DEEPEST * 2)) return nullptr;
        return reader.release();
    } catch (...) {
        return nullptr;
    }
}

extern "C" void rk_json_destroy(rk_json_reader *owned) { delete owned; }

extern "C" bool rk_json_open(rk_json_reader *reader, const uint8_t *bytes, size_t count) {
    reader->state = rk_json_reader::closed;
    if (count == 0 || count > reader->longest) return false;
    std::memcpy(reader->buffer.get(), bytes, count);
    std::memset(reader->buffer.get() + count, 0, simdjson::SIMDJSON_PADDING);
    reader->count = count;
    return index(*reader);
}

// Brings the document back to its beginning; false when there is none.
static bool rewind(rk_json_reader *reader) {
    switch (reader->state) {
    case rk_json_reader::closed: return false;
    case rk_json_reader::fresh: return true;
    case rk_json_reader::walked: reader->document.rewind(); return true;
    // A walk that met a fault leaves a document that must not be rewound: it is indexed anew.
    case rk_json_reader::failed: return index(*reader);
    }
    return false;
}

extern "C" rk_json_value rk_json_find(rk_json_reader *reader, const uint8_t *path, size_t count) {
    if (!rewind(reader)) return malformed;
    auto value = find(reader->document, string_view(reinterpret_cast<const char *>(path), count));
    reader->state = value.kind == RK_JSON_MALFORMED ? rk_json_reader::failed : rk_json_reader::walked;
    return value;
}

extern "C" ptrdiff_t rk_json_elements(rk_json_reader *reader, rk_json_extent *extents, size_t most) {
    if (!rewind(reader)) return no_array;
    auto found = elements(*reader, extents, most);
    reader->state = found == no_array ? rk_json_reader::failed : rk_json_reader::walked;
    return found;
}
