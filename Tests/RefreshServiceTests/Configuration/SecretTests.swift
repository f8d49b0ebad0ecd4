import RefreshService
import Testing

@Suite("Passwords")
struct SecretTests {
    private func text(_ secret: Secret?) -> String? {
        secret.map { secret in secret.withBytes { String(decoding: $0, as: UTF8.self) } }
    }

    @Test("come from credentials of the default name if they are there, without the end of line")
    func defaults() throws {
        let folder = try ScratchFolder(["postgres-password": "pg s3cret\n\n", "redis-password": "r\r\n"])
        let environment = ["CREDENTIALS_DIRECTORY": folder.path]
        let configuration = try Configuration.load(text: "", file: "f", environment: environment)
        #expect(text(configuration.postgres.password) == "pg s3cret\n")
        #expect(text(configuration.redis.password) == "r")
        let none = try Configuration.load(
            text: "", file: "f", environment: ["CREDENTIALS_DIRECTORY": folder.path + "/none"])
        #expect(none.postgres.password == nil)
    }

    @Test("are found by the name that is given, which must be there and say something")
    func named() throws {
        let folder = try ScratchFolder(["mine": "x", "empty": "\n"])
        let environment = ["CREDENTIALS_DIRECTORY": folder.path]
        let redis = { (name: String) in "[redis]\npassword_credential = '\(name)'" }
        let configuration = try Configuration.load(text: redis("mine"), file: "f", environment: environment)
        #expect(text(configuration.redis.password) == "x")
        #expect(
            faultLines(redis("other"), environment: environment) == [
                #"f:2:1: password_credential names the credential "other", which can not be read: No such file or "#
                    + "directory; see LoadCredential= in the unit"
            ])
        #expect(
            faultLines(redis("empty"), environment: environment) == [
                #"f:2:1: password_credential names the credential "empty", which is empty"#
            ])
    }

    @Test(
        "in a Postgres URL are a warning, and are not shown",
        arguments: [
            "postgresql://me:hunter2@h/shop", "postgres:///shop?password=hunter2", "host=h password = 'hunter2'",
            "postgresql:///shop?sslpassw%6frd=hunter2", "postgresql://me:\u{301}hunter2@h/shop",
            "host=h password =\u{301}hunter2", "postgresql:///shop?password=\u{301}hunter2",
        ])
    func inPostgresURL(url: String) throws {
        let configuration = try Configuration.load(text: "[postgres]\nurl = \"\(url)\"", file: "f")
        #expect(
            configuration.warnings.map(\.description).contains(
                "f:2:1: url holds a password; put it into a file and "
                    + "LoadCredential=postgres-password:/path/of/the/file into the unit, where [postgres] "
                    + "password_credential finds it"))
        var shown = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &shown)
        #expect(!shown.contains("hunter2"))
        #expect(configuration.postgres.url.conninfo == url)
    }

    @Test("in a Redis URL are a warning, are used, and are not shown; a credential is stronger")
    func inRedisURL() throws {
        let file = "[redis]\nurl = 'redis://me:hunter%32@h'"
        let configuration = try Configuration.load(text: file, file: "f")
        #expect(configuration.warnings.contains { $0.sentence.hasPrefix("url holds a password; put it into a file") })
        #expect(text(configuration.redis.password) == "hunter2")
        var shown = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &shown)
        #expect(!shown.contains("hunter"))
        let folder = try ScratchFolder(["redis-password": "better"])
        let other = try Configuration.load(
            text: file, file: "f", environment: ["CREDENTIALS_DIRECTORY": folder.path])
        #expect(text(other.redis.password) == "better")
    }

    @Test("a URL that only looks like one with a password is none", arguments: ["postgresql://me@h/shop", "user=a"])
    func withoutPassword(url: String) throws {
        let configuration = try Configuration.load(text: "[postgres]\nurl = \"\(url)\"", file: "f")
        #expect(configuration.postgres.url.hasPassword == false)
        #expect(configuration.postgres.url.description == url)
    }

    @Test("a closure's failure comes through")
    func failure() {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try Secret([1]).withBytes { _ throws(Failure) in throw Failure() } }
    }
}
