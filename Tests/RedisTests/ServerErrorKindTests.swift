import Redis
import Testing

@Suite struct ServerErrorKindTests {
    @Test(arguments: [
        ("LOADING Redis is loading the dataset in memory", ServerErrorKind.loading),
        ("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", .busy),
        ("READONLY You can't write against a read only replica. script: ff, on @user_script:1.", .readOnly),
        ("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist", .misconf),
        ("OOM command not allowed when used memory > 'maxmemory'. script: 91, on @user_script:1.", .outOfMemory),
        ("MASTERDOWN Link with MASTER is down", .masterDown), ("CLUSTERDOWN The cluster is down", .clusterDown),
        ("NOREPLICAS Not enough good replicas to write.", .noReplicas), ("TRYAGAIN Multiple keys", .tryAgain),
        ("MOVED 3999 127.0.0.1:6381", .moved), ("ASK 3999 127.0.0.1:6381", .ask), ("CROSSSLOT Keys", .crossSlot),
        ("NOAUTH Authentication required.", .noAuth), ("WRONGPASS invalid username-password pair", .wrongPass),
        ("NOPERM this user has no permissions to run the 'set' command", .noPerm),
        ("NOSCRIPT No matching script. Please use EVAL.", .noScript), ("WRONGTYPE Operation against", .wrongType),
        (
            "ERR The user executing the script can't run this command or subcommand script: ff, on @user_script:1.",
            .noPerm
        ),
        ("ERR ACL failure in script: User bob has no permissions to run the 'set' command", .noPerm),
        ("ERR AUTH <password> called without any password configured for the default user.", .noPasswordSet),
        ("ERR DB index is out of range", .badDatabase), ("ERR max number of clients reached", .maxClients),
        (
            "ERR Error running script (call to f_9): @user_script:1: @user_script: 1: -OOM command not allowed",
            .outOfMemory
        ),
        ("ERR Error running script (call to f_9): @user_script:1: READONLY You can't write", .readOnly),
        ("ERR Error running script (call to f_9): @user_script:1: the payload said OOM", .unknown),
        ("ERR unknown command 'foo', with args beginning with: '-OOM' ", .unknown),
        ("ERR user_script:1: boo script: 4c, on @user_script:1.", .unknown),
        ("", .unknown), (" ", .unknown), ("ERR", .unknown), ("MAXCLIENTS x", .unknown), ("OOMX", .unknown),
    ])
    func aTextIsClassified(_ text: String, _ kind: ServerErrorKind) {
        #expect(ServerErrorKind(serverText: text) == kind)
        #expect(RedisError(serverText: text).kind == kind)
    }

    @Test func dispositionsSayWhatToDo() {
        let waits = ServerErrorKind.allCases.filter { $0.disposition == .wait }
        #expect(
            Set(waits) == [
                .loading, .busy, .misconf, .outOfMemory, .masterDown, .noReplicas, .clusterDown, .tryAgain, .maxClients,
            ])
        #expect(ServerErrorKind.allCases.filter { $0.disposition == .reconnect } == [.readOnly])
        #expect(ServerErrorKind.allCases.filter { $0.disposition == .resync } == [.noScript])
    }

    @Test func aDescriptionHoldsNoDataOfTheServer() {
        let unknown = RedisError(serverText: "ERR unknown command 'hunter2', with args", at: "unix:///p")
        #expect(!unknown.description.contains("hunter2"))
        #expect(unknown.description.contains("unix:///p"))
        #expect(RedisError(serverText: "MYCODE hunter2").description.contains("(MYCODE)"))
        #expect(!RedisError(serverText: "hunter2 x").description.contains("hunter2"))
        for kind in ServerErrorKind.allCases {
            #expect(RedisError(serverText: kind.rawValue + " x").description.hasSuffix("."))
        }
    }
}
