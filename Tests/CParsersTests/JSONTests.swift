import CParsers
import Testing

@Suite("The C interface to JSON")
struct JSONTests {
    @Test(
        "a path that is cut off leads nowhere",
        arguments: [[], [0], [UInt8](repeating: 0, count: 7), [0, 0, 0, 0, 255, 255, 255, 255, 65]])
    func cutOff(path: [UInt8]) throws {
        let reader = try #require(rk_json_create(64))
        defer { rk_json_destroy(reader) }
        let payload = Array("{\"A\":1}".utf8)
        #expect(payload.withUnsafeBufferPointer { rk_json_open(reader, $0.baseAddress, $0.count) })
        let value = path.withUnsafeBufferPointer { rk_json_find(reader, $0.baseAddress, $0.count) }
        #expect(value.kind == (path.isEmpty ? RK_JSON_CONTAINER : RK_JSON_ABSENT))
    }
}
