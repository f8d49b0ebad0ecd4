import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct ConnectTests {
    @Loop @Test func aConnectionKnowsItsServer() async throws {
        let connection = try await Database.connect()
        #expect(connection.isOpen)
        #expect(connection.serverVersion >= 120_000)
        #expect(connection.parameterStatus("client_encoding") == "UTF8")
        #expect(try await connection.cell("SELECT pg_backend_pid()") == String(connection.backendPID))
        #expect(try await connection.cell("SHOW application_name") == "tests")
        connection.close()
        #expect(!connection.isOpen)
        #expect(
            await Database.failure { try await connection.execute("SELECT 1", timeout: .seconds(1)) }?.code == .closed)
    }

    @Loop @Test func theURLGoesBeforeOurDefaultsButNotBeforeWhatWeRelyOn() async throws {
        let url = try PostgresServer.shared().url() + "&application_name=theirs&client_encoding=LATIN1"
        let connection = try await Database.connect(url)
        #expect(try await connection.cell("SHOW application_name") == "theirs")
        #expect(connection.parameterStatus("client_encoding") == "UTF8")
    }

    @Loop @Test func noServerIsAConnectionError() async throws {
        let error = await Database.failure { _ = try await Database.connect("postgresql:///x?host=/nowhere") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.disposition == .reconnect)
        #expect(error?.message.contains("/nowhere/.s.PGSQL") == true)
    }

    @Loop @Test func aMissingDatabaseIsAMatterOfConfiguration() async throws {
        let url = try PostgresServer.shared().url(database: "absent")
        let error = await Database.failure { _ = try await Database.connect(url) }
        #expect(error?.code == .connectionFailed)
        #expect(error?.sqlState == "3D000")
        #expect(error?.disposition == .configuration)
        #expect(error?.message.hasSuffix("FATAL: database \"absent\" does not exist") == true)
    }

    @Loop @Test func anUnreadableURLIsNotQuoted() async throws {
        for url in ["postgresql://user:sec\"ret@[::1/x", "postgresql://u:secret/1@h:port/x", "host=h secret", "a=b=\0"]
        {
            let error = await Database.failure { _ = try await Database.connect(url) }
            #expect(error?.code == .invalidSettings, "\(url)")
            #expect(error?.disposition == .configuration)
            #expect(error?.description.contains("ret") == false)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Loop @Test func aDeadHostIsPassedOver() async throws {
        let folder = try PostgresServer.shared().socketFolder
        let connection = try await Database.connect("host=/nowhere,\(folder) user=postgres dbname=postgres")
        #expect(try await connection.cell("SELECT 1") == "1")
        let reversed = try await Database.connect("host=\(folder),/nowhere user=postgres dbname=postgres")
        #expect(try await reversed.cell("SELECT 1") == "1")
    }

    @Loop @Test func aServerOfTheWrongKindIsRefused() async throws {
        let url = try PostgresServer.shared().url() + "&target_session_attrs="
        _ = try await Database.connect(url + "read-write")
        let error = await Database.failure { _ = try await Database.connect(url + "standby") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("not in hot standby mode") == true)
    }

    @Loop @Test func aServerThatSaysNothingMeetsTheDeadline() async throws {
        let silent = try SilentServer()
        let settings = PostgresSettings(
            url: "host=\(silent.folder) user=u dbname=d", applicationName: "tests", connectTimeout: .milliseconds(50))
        let error = await Database.failure { _ = try await PostgresConnection.connect(settings) }
        #expect(error?.code == .timedOut)
        #expect(error?.disposition == .reconnect)
        #expect(error?.message.hasSuffix("/.s.PGSQL.5432\" gave no answer") == true)
    }

    @Loop @Test func aCancelledAttemptEnds() async throws {
        let silent = try SilentServer()
        let settings = PostgresSettings(url: "host=\(silent.folder) user=u dbname=d", applicationName: "tests")
        let code = await withTaskGroup(of: PostgresError.Code?.self) { group in
            group.addTask { await Self.code(settings) }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(code == .cancelled)
    }

    @Loop private static func code(_ settings: PostgresSettings) async -> PostgresError.Code? {
        await Database.failure { _ = try await PostgresConnection.connect(settings) }?.code
    }
}
