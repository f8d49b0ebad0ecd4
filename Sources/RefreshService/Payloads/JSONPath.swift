/// A path into JSON payloads, compiled once: names, and indexes where an array is met.
///
/// A path of no components is the whole payload. The configuration refuses paths of more than `deepest`
/// components; one made nevertheless finds nothing.
public struct JSONPath: Sendable, Hashable {
    /// How many components a path may have.
    public static let deepest = 256

    /// Per component: the index and the length of the name, each a native 32-bit integer, and the name.
    let steps: [UInt8]

    /// Compiles the components of `ParameterSource.json`.
    ///
    /// A component of digits such as `0` is the index when the value met is an array, and the name when it is an
    /// object.
    public init(_ components: [String]) {
        var steps: [UInt8] = []
        for component in components {
            Self.append(Self.index(component) ?? .max, to: &steps)
            Self.append(UInt32(clamping: component.utf8.count), to: &steps)
            steps.append(contentsOf: component.utf8)
        }
        self.steps = steps
    }

    private static func index(_ component: String) -> UInt32? {
        guard component.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt32(component)
    }

    private static func append(_ word: UInt32, to steps: inout [UInt8]) {
        for byte in 0..<4 {
            #if _endian(little)
                steps.append(UInt8(truncatingIfNeeded: word >> (8 * byte)))
            #else
                steps.append(UInt8(truncatingIfNeeded: word >> (8 * (3 - byte))))
            #endif
        }
    }
}
