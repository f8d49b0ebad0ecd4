/// What stands under a key, or should by its query, in a form that can be compared: without metadata of its time.
public enum CachedImage: Sendable, Equatable {
    /// One field of a Redis hash.
    public struct Field: Sendable, Equatable {
        let name: [UInt8]
        let value: [UInt8]

        /// A field of a name and a value.
        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// Nothing.
    case absent
    /// These bytes.
    case value([UInt8])
    /// A hash; its fields are in the order of their names, for Redis keeps them in no order.
    case hash([Field])
    /// A value of a type that the region does not have; it is equal to none that a query makes.
    case foreign

    /// The image of a hash; one without fields is none.
    public init(fields: [Field]) {
        self = fields.isEmpty ? .absent : .hash(fields.sorted { $0.name.lexicographicallyPrecedes($1.name) })
    }
}
