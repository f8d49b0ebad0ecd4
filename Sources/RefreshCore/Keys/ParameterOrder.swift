/// Carries values between a query's order of parameters (`$1…`) and the order of its key template's names.
public struct ParameterOrder: Sendable, Equatable {
    /// For each name of the template, the index of its parameter.
    public let parameterOfName: [Int]
    /// For each parameter, the index of its name in the template.
    public let nameOfParameter: [Int]

    /// Nil where the template does not name each parameter exactly once: two sets of parameters would share a key,
    /// or a key would lack a value.
    public init?(of parameters: [String], in template: KeyTemplate) {
        let ofName = template.names.compactMap { name in parameters.firstIndex { $0.utf8.elementsEqual(name.utf8) } }
        let ofParameter = parameters.compactMap { name in
            template.names.firstIndex { $0.utf8.elementsEqual(name.utf8) }
        }
        guard ofName.count == template.names.count, ofParameter.count == parameters.count,
            Set(ofName).count == parameters.count
        else { return nil }
        parameterOfName = ofName
        nameOfParameter = ofParameter
    }

    /// Whether both orders are the same, so that nothing need be carried.
    public var isIdentity: Bool { parameterOfName.indices.allSatisfy { parameterOfName[$0] == $0 } }

    /// Values in the template's order, from values in the parameters' order; as many as there are parameters.
    public func templateValues(_ values: [Bytes]) -> [Bytes] { parameterOfName.map { values[$0] } }

    /// Values in the parameters' order, from values in the template's order; as many as there are names.
    public func parameterValues(_ values: [Bytes]) -> [Bytes] { nameOfParameter.map { values[$0] } }
}

extension KeyTemplate {
    /// Appends the key of values in the order of the parameters, without a list in between.
    public func append(keyOf values: [Bytes], order: ParameterOrder, to buffer: inout [UInt8]) {
        var next = 0
        for part in parts {
            switch part {
            case .literal(let text): buffer.append(contentsOf: text)
            case .name:
                unsafe values[order.parameterOfName[next]].withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
                next += 1
            }
        }
    }
}
