import TestDaemon
import Testing

/// The package of clients/python with each release of dogpile.cache: its own tests.
@Suite(.enabled("dogpile.cache can not be installed") { Releases.areThere })
struct ClientTests {
    @Test(arguments: Releases.names) func passesItsTests(release: String) throws {
        let client = "\(Releases.root)/clients/python"
        let variables = ["PYTHONPATH": "\(client)/src", "PYTHONDONTWRITEBYTECODE": "1"]
        let ended = try Command.run(
            [Releases.python(release), "-m", "unittest", "discover", "--start-directory", "\(client)/tests"],
            environment: Environment.current.merging(variables) { _, new in new }, within: .seconds(120))
        #expect(ended.exit == .code(0), "\(ended.error)")
        #expect(ended.error.contains("OK"))
    }
}
