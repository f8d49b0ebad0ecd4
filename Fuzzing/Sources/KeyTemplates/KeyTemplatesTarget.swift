import FuzzSupport

@testable import RefreshCore

/// A template makes keys of values, and finds in a key the values that make it: all of them, or that there are several.
@main enum KeyTemplatesTarget {
    static func main() {
        fuzz { input in
            let pieces = input.pieces(separator: 0, atMost: 8)
            let spelling = String(decoding: pieces[0], as: UTF8.self)
            do throws(KeyTemplateError) {
                let template = try KeyTemplate(spelling)
                let values = pieces.dropFirst().map { Bytes($0) }
                roundTrip(template, values)
                if let key = values.last { compare(template, key.array) }
            } catch {
                expect(!error.description.isEmpty, "a fault says nothing")
            }
            return .worthKeeping
        }
    }

    private static func roundTrip(_ template: KeyTemplate, _ given: [Bytes]) {
        let values = template.names.indices.map { given.isEmpty ? .empty : given[$0 % given.count] }
        let key = template.key(values)
        switch template.match(key.array) {
        case .none: expect(false, "a template does not know its own key")
        case .one(let found): expect(found == values, "a key gives other values back")
        case .ambiguous: break
        }
        compare(template, key.array)
        reorder(template, values, key)
    }

    /// The same, with the query's parameters in the opposite order.
    private static func reorder(_ template: KeyTemplate, _ values: [Bytes], _ key: Bytes) {
        guard let order = ParameterOrder(of: template.names.reversed(), in: template) else {
            return expect(false, "the names of a template are not its own")
        }
        let parameters = order.parameterValues(values)
        expect(parameters == values.reversed() && order.templateValues(parameters) == values, "an order loses values")
        var made: [UInt8] = []
        template.append(keyOf: parameters, order: order, to: &made)
        expect(Bytes(made) == key, "the two ways to make a key differ")
        // Postgres has no text with a zero byte in it.
        guard !values.contains(where: { $0.array.contains(0) }) else { return }
        var rest = values.count
        Bytes(joining: parameters).forEachParameter(of: values.count) { index, part in
            expect(parameters[index].array == part.indices.map { part[$0] }, "joined parameters come apart otherwise")
            rest -= 1
        }
        expect(rest == 0, "joined parameters are lost")
    }

    /// The answer of `match` against a count of all the ways to split the key.
    private static func compare(_ template: KeyTemplate, _ key: [UInt8]) {
        guard key.count <= 64 else { return }
        let ways = waysToSplit(key, by: template)
        switch template.match(key) {
        case .none: expect(ways == 0, "a key that fits is refused")
        case .one(let values):
            expect(ways == 1, "one of several ways to split a key is taken for the only one")
            expect(template.key(values).array == key, "the values of a key make another key")
        case .ambiguous: expect(ways > 1, "a key that has one meaning is called ambiguous")
        }
    }

    /// 0, 1, or 2 for more.
    private static func waysToSplit(_ key: [UInt8], by template: KeyTemplate) -> Int {
        // By the place in the key: how many ways lead there.
        var ways = [1] + [Int](repeating: 0, count: key.count)
        for part in template.parts {
            var next = [Int](repeating: 0, count: key.count + 1)
            switch part {
            case .literal(let text):
                for start in ways.indices where key[start...].starts(with: text) {
                    next[start + text.count] = ways[start]
                }
            case .name:
                var before = 0
                for end in ways.indices {
                    before = min(2, before + ways[end])
                    next[end] = before
                }
            }
            ways = next
        }
        return ways[key.count]
    }
}
