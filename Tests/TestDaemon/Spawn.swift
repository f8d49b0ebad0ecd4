import Glibc

/// Starting a process, and taking its end.
enum Spawn {
    /// Starts a program of `PATH` with clean signals; nil when that fails.
    static func start(_ arguments: [String], _ options: Program.Options) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, options.input, O_RDONLY, 0)
        let append = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, options.output, append, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, options.error, append, 0o600)
        return withWords(arguments) { words in
            guard let environment = options.environment else { return spawn(words, &actions, environ) }
            return withWords(environment.map { "\($0)=\($1)" }) { spawn(words, &actions, $0) }
        }
    }

    /// Takes the end of a process that has ended.
    static func reap(_ child: pid_t) -> Exit {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
    }

    private typealias Words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private static func spawn(
        _ words: Words, _ actions: inout posix_spawn_file_actions_t, _ environment: Words
    ) -> pid_t? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var set = sigset_t()
        sigemptyset(&set)
        posix_spawnattr_setsigmask(&attributes, &set)
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, signal) }
        posix_spawnattr_setsigdefault(&attributes, &set)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var child = pid_t()
        guard let name = words[0] else { return nil }
        return posix_spawnp(&child, name, &actions, &attributes, words, environment) == 0 ? child : nil
    }

    private static func withWords<Result>(_ texts: [String], _ body: (Words) -> Result) -> Result {
        var words: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        return words.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array with an element has an address") }
            return body(base)
        }
    }
}
