import Redis
import RefreshCore

/// The form in which readers get values.
enum ReadForm {
    /// The value itself, without dogpile.cache's metadata before it.
    static func bare(_ stored: [UInt8], _ format: ValueFormat) -> [UInt8] {
        guard format == .dogpile, let bar = stored.firstIndex(of: UInt8(ascii: "|")) else { return stored }
        return Array(stored[(bar + 1)...])
    }

    /// The fields of a Redis hash as a JSON object of texts.
    static func object(_ fields: [RedisValue]) -> [UInt8] {
        object(
            stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0].bytes ?? [], fields[$0 + 1].bytes ?? []) })
    }

    /// Names and values as a JSON object of texts.
    static func object(_ fields: [(name: [UInt8], value: [UInt8])]) -> [UInt8] {
        JSONText.text { json in
            json.object { json in
                for (name, value) in fields { json.member(String(decoding: name, as: UTF8.self), Bytes(value)) }
            }
        }
    }

    static let json = "application/json"
    /// Python's own form; what is computed and not stored is JSON in its place.
    static let pickle = "application/x-python-pickle"

    /// The media type of a region's values.
    static func type(_ region: Region) -> String {
        if region.serializer == .pickle { return pickle }
        return region.format == .text ? "text/plain; charset=utf-8" : json
    }
}
