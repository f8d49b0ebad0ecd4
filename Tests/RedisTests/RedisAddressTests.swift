import Redis
import Testing

@Suite struct RedisAddressTests {
    @Test(arguments: [
        ("unix:///run/redis.sock", RedisAddress(endpoint: .unix(path: "/run/redis.sock"))),
        ("unix:///run/redis.sock?db=1", RedisAddress(endpoint: .unix(path: "/run/redis.sock"), database: 1)),
        ("unix://bob:s%40c@/a%20b", RedisAddress(endpoint: .unix(path: "/a b"), user: "bob", password: "s@c")),
        ("redis://", RedisAddress(endpoint: .tcp(host: "localhost", port: 6379))),
        ("redis://h", RedisAddress(endpoint: .tcp(host: "h", port: 6379))),
        ("REDIS://h:1/15", RedisAddress(endpoint: .tcp(host: "h", port: 1), database: 15)),
        ("redis://h/", RedisAddress(endpoint: .tcp(host: "h", port: 6379))),
        ("redis://h/2?db=2", RedisAddress(endpoint: .tcp(host: "h", port: 6379), database: 2)),
        ("redis://:pw@h", RedisAddress(endpoint: .tcp(host: "h", port: 6379), password: "pw")),
        ("redis://u@h", RedisAddress(endpoint: .tcp(host: "h", port: 6379), user: "u")),
        ("redis://u:a@b@h", RedisAddress(endpoint: .tcp(host: "h", port: 6379), user: "u", password: "a@b")),
        ("redis://u:a:b@h", RedisAddress(endpoint: .tcp(host: "h", port: 6379), user: "u", password: "a:b")),
        ("redis://u:p%2F%25@[::1]:7/0", RedisAddress(endpoint: .tcp(host: "::1", port: 7), user: "u", password: "p/%")),
        ("redis://[fe80::1]", RedisAddress(endpoint: .tcp(host: "fe80::1", port: 6379))),
    ])
    func aURLIsRead(_ url: String, _ expected: RedisAddress) throws {
        #expect(try RedisAddress(url) == expected)
    }

    @Test(arguments: [
        "", "redis", "redis:", "http://h", "rediss://h", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h:",
        "redis://h/x", "redis://h/-1", "redis://h/1/2", "redis://h/1?db=2", "redis://h?dbb=1", "redis://h?db=",
        "redis://::1", "redis://[::1", "redis://[::1]x", "redis://u:%4@h", "redis://u:%zz@h", "redis://u:%00@h",
        "redis://u:%ff@h", "redis://h#x", "unix://", "unix:///", "unix://host/path", "unix:///p?x=1",
        "unix:///" + String(repeating: "x", count: 107),
    ])
    func aBadURLIsRefused(_ url: String) {
        #expect { try RedisAddress(url) } throws: { ($0 as? RedisError)?.code == .badURL }
    }

    @Test func aDescriptionHidesThePasswordAndReadsBack() throws {
        let tcp = try RedisAddress("redis://bob:hunter2@[::1]:7/3")
        #expect(tcp.description == "redis://bob@[::1]:7/3")
        #expect(
            "\(tcp)\(String(reflecting: tcp))\(RedisSettings(address: tcp, password: "hunter2"))".contains("hunter2")
                == false)
        #expect(try RedisAddress("unix://:hunter2@/p?db=4").description == "unix:///p?db=4")
    }

    @Test(arguments: ["redis://u:hunter2/x@h", "redis://u:hunter2%@h", "redis://u:hunter2#@h", "redis://u:hunter2?@h"])
    func aFaultRepeatsNothingOfTheURL(_ url: String) {
        #expect { try RedisAddress(url) } throws: { !"\($0)".contains("hunter2") }
    }
}
