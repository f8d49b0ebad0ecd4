import Testing

@testable import RefreshCore

@Suite struct ParameterTypeTests {
    private static let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"

    @Test(
        arguments: [
            (.int4, "7", "7"), (.int4, "07", "7"), (.int4, "+7", "7"), (.int4, "-7", "-7"), (.int4, "-07", "-7"),
            (.int4, "0", "0"), (.int4, "-0", "0"), (.int4, "000", "0"), (.int4, "+0", "0"), (.int2, "32767", "32767"),
            (.int2, "32768", nil), (.int2, "-32768", "-32768"), (.int2, "-32769", nil),
            (.int4, "2147483647", "2147483647"), (.int4, "2147483648", nil), (.int4, "-2147483648", "-2147483648"),
            (.int8, "9223372036854775807", "9223372036854775807"), (.int8, "9223372036854775808", nil),
            (.int8, "-9223372036854775808", "-9223372036854775808"), (.int8, "-9223372036854775809", nil),
            (.int8, "99999999999999999999999999", nil), (.int8, "00000000000000000000000001", "1"), (.int4, "", nil),
            (.int4, "-", nil), (.int4, "+", nil), (.int4, "--1", nil), (.int4, " 1", nil), (.int4, "1 ", nil),
            (.int4, "7.0", nil), (.int4, "1e3", nil), (.int4, "0x1", nil), (.int4, "1_0", nil), (.int4, "١", nil),
            (.bool, "true", "true"), (.bool, "false", "false"), (.bool, "t", "true"), (.bool, "f", "false"),
            (.bool, "TRUE", nil), (.bool, "1", nil), (.bool, "", nil), (.uuid, uuid, uuid),
            (.uuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", uuid), (.uuid, uuid + "0", nil),
            (.uuid, "{" + uuid + "}", nil), (.uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", nil),
            (.uuid, "a0eebc9909c0b-4ef8-bb6d-6bb9bd380a11", nil),
            (.uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd3\u{1}0a11", nil), (.textLike("text"), "", ""),
            (.textLike("text"), " É\u{301}", " É\u{301}"), (.textLike("text"), "a\0", nil),
            (.other("date"), "2026-01-02", "2026-01-02"), (.other("date"), "\0", nil),
            (.other("regclass"), "1259", "1259"), (.other("regclass"), "01", "1"), (.other("regclass"), "items", nil),
            (.other("regtype"), "-1", nil), (.other("regrole"), "", nil), (.other("regclass"), "4294967296", nil),
            (.other("regular"), "items", "items"),
        ] as [(ParameterType, String, String?)]) func spellsCanonically(
            type: ParameterType, text: String, expected: String?
        )
    {
        let bytes = Bytes(text)
        let spelling = bytes.withSpan { type.canonical($0) }
        switch expected {
        case nil: #expect(spelling == .refused)
        case text: #expect(spelling == .asIs)
        case let other?: #expect(spelling == .changed(Bytes(other)))
        }
    }

    @Test(arguments: [
        ("smallint", "int2"), ("integer", "int4"), ("bigint", "int8"), ("boolean", "bool"), ("uuid", "uuid"),
        ("character varying", "character varying"), ("character", "bpchar"), ("bit", "\"bit\""),
        ("numeric(10,2)", "numeric(10,2)"), ("shop.mood", "shop.mood"),
    ]) func namesATypeForCasts(told: String, name: String) {
        #expect(ParameterType(name: told).name == name)
    }
}
