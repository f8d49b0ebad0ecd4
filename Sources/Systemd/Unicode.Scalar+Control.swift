extension Unicode.Scalar {
    /// Whether the scalar could move the cursor, break the line or turn the direction of what a reader of the log sees.
    var isControl: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028, 0x2029: true  // line and paragraph separator
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // marks of direction
        default: false
        }
    }
}
