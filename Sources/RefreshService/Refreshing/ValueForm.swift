import Redis
import RefreshCore

/// The form in which values are stored now: bare, or behind dogpile.cache's metadata.
struct ValueForm {
    private let header: [UInt8]
    /// What stands for a row that is not there.
    private let null: [UInt8]

    init(_ region: Region) {
        header = region.format == .dogpile ? Self.dogpileHeader(microseconds: WallClock.microseconds) : []
        null = region.serializer == .pickle ? Pickle.none : region.null
    }

    /// Appends the value of a key as one word.
    func append(_ place: Int, of request: StoreRequest, to writer: inout CommandWriter) {
        guard request.fates[place] == .store, let answers = request.answers else {
            return writer.appendParts(header, null)
        }
        unsafe answers.withValue(place) { value in
            if header.isEmpty { return unsafe writer.append(bytes: value) }
            unsafe header.withUnsafeBytes { unsafe writer.appendParts($0, value) }
        }
    }

    /// dogpile.cache's metadata: when the value was made, in seconds since 1970, and the version of the format.
    static func dogpileHeader(microseconds now: Int64) -> [UInt8] {
        let part = String(now % 1_000_000)
        let padded = String(repeating: "0", count: 6 - part.count) + part
        return Array("{\"ct\": \(now / 1_000_000).\(padded), \"v\": 2}|".utf8)
    }
}
