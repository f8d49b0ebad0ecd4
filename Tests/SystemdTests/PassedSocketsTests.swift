import Glibc
import Testing

@testable import Systemd

@Suite struct PassedSocketsTests {
    @Test func takesListeningSocketsWithTheirNames() async {
        await #expect(processExitsWith: .success) {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            // Without an address the kernel picks one when the socket is bound by its family alone.
            var family = sockaddr(sa_family: sa_family_t(AF_UNIX), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            #expect(bind(descriptor, &family, socklen_t(MemoryLayout<sa_family_t>.size)) == 0)
            #expect(listen(descriptor, 1) == 0)
            let result = taking(descriptor, name: "health")
            #expect(result == .success([PassedSocket(descriptor: 3, name: "health")]))
        }
    }

    @Test func refusesWhatDoesNotListen() async {
        await #expect(processExitsWith: .success) {
            let result = taking(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), name: "health")
            #expect(result == .failure(.notListening(descriptor: 3, name: "health")))
        }
    }

    @Test func refusesMalformedVariables() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "many", 1)
            #expect(throws: SystemdError.listenVariables(errno: EINVAL)) { try PassedSockets.take() }
        }
    }

    @Test func isEmptyWithoutActivation() async {
        await #expect(processExitsWith: .success) {
            unsetenv("LISTEN_FDS")
            let result = Result { () throws(SystemdError) in try PassedSockets.take() }
            #expect(result == .success([]))
        }
    }
}

/// Takes the descriptor over as a manager would pass it, as number 3, and puts back what the number was before.
private func taking(_ descriptor: Int32, name: String) -> Result<[PassedSocket], SystemdError> {
    let saved = dup(3)
    dup2(descriptor, 3)
    setenv("LISTEN_PID", "\(getpid())", 1)
    setenv("LISTEN_FDS", "1", 1)
    setenv("LISTEN_FDNAMES", name, 1)
    let result = Result { () throws(SystemdError) in try PassedSockets.take() }
    #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
    #expect(getenv("LISTEN_FDS") == nil)
    if saved >= 0 { dup2(saved, 3) } else { close(3) }
    return result
}
