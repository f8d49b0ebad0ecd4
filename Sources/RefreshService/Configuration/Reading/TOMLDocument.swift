import CParsers

/// Owns a parsed TOML text while it is turned into values.
@safe struct TOMLDocument: ~Copyable {
    private let document: OpaquePointer
    private let file: String

    /// Parses the bytes of a file; nil when there is no memory for it.
    init?(_ bytes: [UInt8], file: String) {
        let parsed = unsafe bytes.withUnsafeBufferPointer { unsafe rk_toml_parse($0.baseAddress, $0.count) }
        guard let parsed = unsafe parsed else { return nil }
        unsafe document = parsed
        self.file = file
    }

    deinit { unsafe rk_toml_destroy(document) }

    /// Why the text is not TOML; nil when it is.
    var fault: Fault? {
        var fault = unsafe rk_toml_fault()
        guard unsafe rk_toml_failed(document, &fault) else { return nil }
        let place = unsafe Place(file: file, line: Int(fault.line), column: Int(fault.column))
        // The message shows a piece of the file as it is.
        return unsafe Fault(place, "this is not TOML: \(text(fault.message).onOneLine)")
    }

    /// The table that is the whole file; empty when the text is not TOML.
    func root() -> TOMLValue {
        // Children have higher numbers than their parents, so from the end each finds its children made. A value
        // is taken out where it is used, so that it has one owner.
        let count = unsafe Int(rk_toml_count(document))
        var names = [String](repeating: "", count: count)
        var values = [TOMLValue?](repeating: nil, count: count)
        for number in (0..<count).reversed() {
            let node = unsafe rk_toml_at(document, UInt32(number))
            let children = unsafe Int(node.first)..<Int(node.first) + Int(node.count)
            let place = unsafe Place(file: file, line: Int(node.line), column: Int(node.column))
            names[number] = unsafe text(node.key)
            values[number] = unsafe TOMLValue(
                place: place, content: content(node, children: children, names: names, values: &values))
        }
        return values.first.flatMap(\.self) ?? TOMLValue(place: .file(file), content: .table([]))
    }

    private func content(
        _ node: rk_toml_node, children: Range<Int>, names: [String], values: inout [TOMLValue?]
    ) -> TOMLValue.Content {
        switch unsafe node.kind {
        case RK_TOML_TABLE:
            return .table(
                children.compactMap { child in
                    values[child].take().map { TOMLMember(name: names[child], value: $0) }
                })
        case RK_TOML_ARRAY: return .array(children.compactMap { child in values[child].take() })
        case RK_TOML_STRING: return unsafe .string(text(node.text))
        case RK_TOML_INTEGER: return unsafe .integer(node.integer)
        case RK_TOML_FLOAT: return unsafe .float(node.number)
        case RK_TOML_BOOLEAN: return unsafe .boolean(node.boolean)
        default: return .moment
        }
    }

    private func text(_ text: rk_text) -> String {
        unsafe String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }
}
