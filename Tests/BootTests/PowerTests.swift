import Glibc
import TestServers
import Testing

extension BootTests {
    /// A machine leaves nothing behind on the one that it ran on.
    struct PowerTests {
        @Test("systemd powers off in good order, and nothing is left")
        func powerOff() throws {
            let machine = try BootedMachine()
            try machine.powerOff()
            machine.remove()
            #expect(remains(of: machine) == [])
        }

        @Test("when the tests are killed, the machine ends with them, and nothing is left")
        func killed() throws {
            let machine = try BootedMachine()
            #expect(remains(of: machine) != [])
            machine.letGo()
            try eventually {
                remains(of: machine)
            } where: {
                $0 == []
            }
            try eventually {
                kill(machine.first, 0)
            } where: {
                $0 != 0
            }
            #expect(Child.wait(for: machine.keeper) == 0)
        }

        @Test("when its keeper is killed, the machine ends with it")
        func keeperKilled() throws {
            let machine = try BootedMachine()
            kill(machine.keeper, SIGKILL)
            try eventually {
                kill(machine.first, 0)
            } where: {
                $0 != 0
            }
            machine.remove()
        }

        private func remains(of machine: BootedMachine) -> [String] {
            let mounts = Files.read("/proc/self/mounts").split(separator: "\n").map(String.init)
            return [machine.folder, machine.cgroup].filter { access($0, F_OK) == 0 }
                + mounts.filter { $0.contains(machine.folder) }
        }
    }
}
