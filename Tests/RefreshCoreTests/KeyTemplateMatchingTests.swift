import TestServers
import Testing

@testable import RefreshCore

@Suite struct KeyTemplateMatchingTests {
    private func one(_ values: String...) -> KeyTemplate.Match { .one(values.map { Bytes($0) }) }

    @Test func finds() throws {
        func match(_ template: String, _ key: String) throws -> KeyTemplate.Match {
            try KeyTemplate(template).match(Array(key.utf8))
        }
        #expect(try match("front", "front") == one())
        #expect(try match("front", "front2") == .none)
        #expect(try match("", "") == one())
        #expect(try match("", "a") == .none)
        #expect(try match("{id}", "7") == one("7"))
        #expect(try match("{id}", "") == one(""))
        #expect(try match("i:{id}", "i:7") == one("7"))
        #expect(try match("i:{id}", "j:7") == .none)
        #expect(try match("{id}:i", "7:i") == one("7"))
        #expect(try match("{id}:i", ":") == .none)
        #expect(try match("aa{id}aa", "aaa") == .none)
        #expect(try match("{a}:{b}", "x:y") == one("x", "y"))
        #expect(try match("{a}:{b}", ":") == one("", ""))
        #expect(try match("{a}:{b}", "xy") == .none)
        #expect(try match("{a}:{b}", "x:y:z") == .ambiguous)
        #expect(try match("{a}::{b}", "x:::y") == .ambiguous)
        #expect(try match("{a}--{b}:{c}", "x--y:z") == one("x", "y", "z"))
        #expect(try match("{a}--{b}:{c}", "x:y--z") == .none)
        #expect(try match("{a}:{b}-{c}", "1:2-3:4") == one("1", "2", "3:4"))
        #expect(try match("{{{a}}}", "{7}") == one("7"))
    }

    @Test(arguments: 1...UInt64(20)) func agreesWithEveryWayToSplit(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let template = try template(using: &random)
            let values = template.names.map { _ in Bytes(random.text(of: ["a", "b", ":", "-"], most: 3)) }
            let key = template.key(values)
            let ways = splits(key.array[...], template.parts[...])
            #expect(ways.contains(values), "seed \(seed)")
            #expect(template.match(key.array) == (ways.count == 1 ? .one(values) : .ambiguous), "seed \(seed)")

            let foreign = Array(random.text(of: ["a", "b", ":", "-"], most: 6).utf8)
            let count = splits(foreign[...], template.parts[...]).count
            let match = template.match(foreign)
            #expect((match == .none) == (count == 0), "seed \(seed)")
            #expect((match == .ambiguous) == (count > 1), "seed \(seed)")
        }
    }

    @Test func carriesValuesBetweenOrders() throws {
        let template = try KeyTemplate("{b}:{c}:{a}")
        let order = try #require(ParameterOrder(of: ["a", "b", "c"], in: template))
        let values = ["1", "2", "3"].map { Bytes($0) }
        #expect(order.templateValues(values) == ["2", "3", "1"].map { Bytes($0) })
        #expect(order.parameterValues(order.templateValues(values)) == values)
        #expect(!order.isIdentity)
        var key: [UInt8] = Array("shop:".utf8)
        template.append(keyOf: values, order: order, to: &key)
        #expect(key == Array("shop:2:3:1".utf8))
        #expect(ParameterOrder(of: ["b", "c", "a"], in: template)?.isIdentity == true)
        #expect(ParameterOrder(of: ["a", "b"], in: template) == nil)
        #expect(ParameterOrder(of: ["a", "b", "c", "d"], in: template) == nil)
        #expect(ParameterOrder(of: ["a", "b", "b"], in: template) == nil)
    }

    /// One to three names with text between, and perhaps around them.
    private func template(using random: inout SeededGenerator) throws -> KeyTemplate {
        let literals = [":", "-", "::", ":-", "a", "-:-"]
        var spelling = Bool.random(using: &random) ? "" : literals.randomElement(using: &random) ?? ""
        for (index, name) in ["x", "y", "z"].prefix(Int.random(in: 1...3, using: &random)).enumerated() {
            if index > 0 { spelling += literals.randomElement(using: &random) ?? ":" }
            spelling += "{\(name)}"
        }
        if Bool.random(using: &random) { spelling += literals.randomElement(using: &random) ?? "" }
        return try KeyTemplate(spelling)
    }

    /// Every list of values that makes the key, by trying them all.
    private func splits(_ key: ArraySlice<UInt8>, _ parts: ArraySlice<KeyTemplate.Part>) -> [[Bytes]] {
        guard let part = parts.first else { return key.isEmpty ? [[]] : [] }
        switch part {
        case .literal(let text):
            return key.starts(with: text) ? splits(key.dropFirst(text.count), parts.dropFirst()) : []
        case .name:
            return (0...key.count).flatMap { length in
                splits(key.dropFirst(length), parts.dropFirst()).map { [Bytes(Array(key.prefix(length)))] + $0 }
            }
        }
    }
}
