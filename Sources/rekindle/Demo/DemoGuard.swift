import Glibc
import Reactor

/// A small shell that outlives the demonstration, however it ends: it then ends every server that is left and
/// removes the scratch folder.
///
/// It waits for the end of a pipe whose other end the demonstration holds. A server enters itself by that pipe, before
/// it becomes the server, so that there is no moment in which one runs unknown.
@Loop
final class DemoGuard {
    private var process: ChildProcess
    private let folder: ScratchFolder
    private let environment: [String: String]
    private var pipe: Int32?

    /// Starts the guard of a folder.
    init(of folder: ScratchFolder, environment: [String: String]) throws(DemoError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw .spawn(program: "/bin/sh", errno: errno) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do throws(DemoError) {
            process = try Self.process(folder, environment, input: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
        pipe = ends[1]
        self.folder = folder
        self.environment = environment
    }

    private static func process(
        _ folder: ScratchFolder, _ environment: [String: String], input: Int32?
    ) throws(DemoError) -> ChildProcess {
        let start = ProcessStart(
            arguments: ["/bin/sh", "-c", script, "rekindle-demo-guard", folder.path], environment: environment,
            input: input)
        return ChildProcess(name: "The guard", pid: try start.start())
    }

    /// Starts a server that the guard knows of, and that it would end by `signal`.
    ///
    /// Every server names the scratch folder in its arguments: by that the guard knows it from a later process of
    /// the same number.
    func start(
        _ name: String, _ arguments: [String], endedBy signal: String, environment: [String: String]
    ) throws(DemoError) -> ChildProcess {
        let enter = #"echo "started $$ $1" >&3 && exec 3>&- && shift && exec "$@""#
        let start = ProcessStart(
            arguments: ["/bin/sh", "-c", enter, "sh", signal] + arguments, environment: environment,
            log: folder.log(name.lowercased()), third: pipe)
        return ChildProcess(name: name, pid: try start.start())
    }

    /// Tells that a server was ended and reaped.
    func forget(_ child: ChildProcess) { tell("ended \(child.pid)") }

    /// Looks whether the guard itself has ended; to be called at each SIGCHLD.
    func reap() { process.reap() }

    /// Lets it do its work, and waits for it; `keep` leaves the folder.
    func finish(keep: Bool) async {
        if keep { tell("keep") }
        if let pipe { close(pipe) }
        pipe = nil
        _ = try? await process.waitForEnd(timeout: .seconds(20))
        if process.status == 0 || keep { return }
        // Somebody has killed it: another one removes the folder; the servers have ended.
        guard let second = try? Self.process(folder, environment, input: nil) else { return }
        process = second
        _ = try? await second.waitForEnd(timeout: .seconds(20))
    }

    private func tell(_ line: String) {
        if let pipe { _ = writeAll(pipe, Array("\(line)\n".utf8)) }
    }

    private static let script = #"""
        trap '' HUP INT TERM QUIT
        folder=$1 servers= keep=
        while read -r word pid signal; do
            case $word in
                started) servers="$servers $pid:$signal" ;;
                ended)
                    left=
                    for server in $servers; do [ "${server%:*}" = "$pid" ] || left="$left $server"; done
                    servers=$left ;;
                keep) keep=1 ;;
            esac
        done
        ours() { grep -aqF -- "$folder" "/proc/$1/cmdline" 2>/dev/null; }
        for server in $servers; do
            if ours "${server%:*}"; then kill -"${server#*:}" "${server%:*}"; fi
        done
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
            living=
            for server in $servers; do if ours "${server%:*}"; then living=1; fi; done
            [ "$living" ] || break
            sleep 0.1
        done
        for server in $servers; do
            if ours "${server%:*}"; then kill -KILL "${server%:*}"; fi
        done
        [ "$keep" ] && exit 0
        for round in 1 2 3 4 5 6 7 8 9 10; do
            rm -rf -- "$folder" && break
            sleep 0.1
        done
        """#
}
