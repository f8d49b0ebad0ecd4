import RefreshCore

extension Simulation {
    static func perform(_ event: Scenario.Event, _ world: World, _ instances: [Instance]) {
        switch event {
        case .write(let write): world.postgres.commit(write)
        case .fault(let fault, let number, let length):
            world.trace.note(world.now, "nemesis", "\(fault), daemon \(number), \(length.seconds) s")
            begin(fault, instances[number], length, world)
        }
    }

    private static func begin(_ fault: Scenario.Fault, _ instance: Instance, _ length: Moment.Span, _ world: World) {
        func later(_ body: @escaping () -> Void) { world.agenda.after(length, body) }
        switch fault {
        case .listenerKilled: world.postgres.kill(instance.listener)
        case .leaseKilled: world.postgres.kill(instance.lease)
        case .workerKilled: world.postgres.kill(instance.workers.first?.session)
        case .postgresRestarts: world.postgres.restart()
        case .listenerHalfOpen: instance.listener?.isCut = true
        case .instanceHalfOpen:
            for session in [instance.listener, instance.lease] + instance.workers.map(\.session) {
                session?.isCut = true
            }
        case .listenerForgotten: instance.listener?.listens = false
        case .redisFlushed: world.redis.flush()
        case .redisRestartsEmpty: world.redis.restart(withDump: false)
        case .redisRestartsOld:
            world.redis.saveDump()
            later { world.redis.restart(withDump: true) }
        case .redisStalls: world.redis.stall(length)
        case .redisCut: world.redis.cut(instance.link)
        case .killed:
            instance.kill()
            later { instance.start() }
        case .frozen:
            instance.freeze()
            later { instance.thaw() }
        case .usurped:
            instance.freeze()
            world.postgres.kill(instance.lease)
            later { instance.thaw() }
        case .poison:
            let picked = world.chance.pick(Site.rows + world.scenario.parts.count)
            // The number of a part's key comes after that of the front page.
            let key = picked < Site.rows ? picked : picked + 1
            world.poisoned.insert(key)
            later { world.poisoned.remove(key) }
        case .broken:
            let query = world.chance.pick(world.scenario.parts.isEmpty ? 3 : 4)
            world.broken.insert(query)
            later { world.broken.remove(query) }
        case .slow:
            world.slowness = world.chance.span(10_000, 500_000)
            later { world.slowness = .seconds(0) }
        }
    }
}
