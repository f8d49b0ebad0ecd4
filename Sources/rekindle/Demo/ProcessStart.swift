import Glibc

/// Starts a program in a process group of its own, so that a terminal's Ctrl-C is not for it, and with no signal
/// blocked or ignored.
struct ProcessStart {
    /// The program's path and its arguments, the path first.
    var arguments: [String]
    var environment: [String: String]
    /// What becomes standard input; nil is /dev/null.
    var input: Int32?
    /// The file that takes standard output and error; nil is /dev/null.
    var log: String?
    /// What becomes descriptor 3.
    var third: Int32?

    /// Starts it, and gives its process number.
    func start() throws(DemoError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe setDescriptors(&actions)
        setSignals(&attributes)
        var pid: pid_t = 0
        let program = arguments.first ?? ""
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var pairs = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + pairs).forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(&pid, program, &actions, &attributes, &words, &pairs)
        guard code == 0 else { throw .spawn(program: program, errno: code) }
        return pid
    }

    private func setDescriptors(_ actions: inout posix_spawn_file_actions_t) {
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log ?? "/dev/null", flags, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        if let third { unsafe posix_spawn_file_actions_adddup2(&actions, third, 3) }
    }

    private func setSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    }
}
