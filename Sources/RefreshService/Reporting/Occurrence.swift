import Logging

/// What happens that people and programs look for in the journal: each has a MESSAGE_ID that stays the same whatever
/// becomes of the words.
enum Occurrence: String, CaseIterable {
    /// The daemon is useful from now on.
    case ready = "ready"
    /// It was told to stop, and drains.
    case stopping = "stopping"
    /// How old a cached value may become before health turns red.
    case bound = "convergence bound"
    /// A region has been wrong, or may have been, for too long.
    case behind = "a region is older than the convergence bound"
    /// The end of that.
    case caughtUp = "every region is within the convergence bound again"
    /// Something may be lost from now on.
    case gapBegins = "gap begins"
    /// All that may have been lost has been made good.
    case gapAnswered = "gap answered"
    /// This instance writes from now on.
    case owner = "owner"
    /// Another instance writes.
    case standby = "another instance holds the lease, waiting for it"
    /// The session of the lease ended.
    case leaseLost = "lease lost, taking it again"
    /// Notifications do not arrive.
    case listenerLost = "listener lost"
    /// The connection to Redis ended.
    case redisLost = "redis lost"
    /// Redis refuses writes for now.
    case redisWaits = "redis asks to wait"
    /// A reader holds the lock of a key for longer than the region's patience.
    case lockHeld = "lock held for too long"
    /// One key can not be refreshed.
    case keyParked = "key parked"
    /// The value of a key is larger than its region allows.
    case valueTooLarge = "value too large"
    /// A query can not run, and pauses.
    case queryFailed = "query failed"
    /// A route's channel or stream refuses messages, which are left out for a while.
    case routeRests = "route rests"
    /// The statement that fills a region fails.
    case warmFailed = "warm failed"
    /// A cached value was wrong, and no event was on the way that would have mended it.
    case sampledWrong = "sampler: key is not as its query says"
    /// The configuration has faults.
    case reloadRefused = "reload refused, the former configuration stays in force"
    /// The service manager is about to restart the daemon.
    case stuck = "a refresh has run longer than its deadline allows: the watchdog is not fed"

    /// The MESSAGE_ID: 32 hexadecimal digits, never changed and never used again.
    var messageID: String {
        switch self {
        case .ready: "91b4399a3e934e8ca03bfafde1fb872c"
        case .stopping: "594256fb111d47f194ab936027f7bf5e"
        case .bound: "d8d713af8d3f43bc929dc32510a880e0"
        case .behind: "1dde159f1ba8424fac209a16c1c59e97"
        case .caughtUp: "ddf932b930c94b7db1a3372ac173c525"
        case .gapBegins: "8b17d3f61e6149ae91df25b4875921a7"
        case .gapAnswered: "0e633d2a679f4e48b20c644ebb33aebc"
        case .owner: "374c64ebefb546a4a0126d427f4f22a0"
        case .standby: "e6c116925b2145c7aa82322e1adeb432"
        case .leaseLost: "b8d83434669a4a6fad1243beffc6ce7e"
        case .listenerLost: "0edafde797714a7db74ec2ae63f12288"
        case .redisLost: "371195a032274560890ca4687f91bd7a"
        case .redisWaits: "afdff750535b4ba19d9526d69c287a58"
        case .lockHeld: "457a599e0bcc4c90861b6eb171f89cc3"
        case .keyParked: "f2bcfe51b6394ed2b4e0747a3fd177f5"
        case .valueTooLarge: "0d6a3f1c7b0e4c53a5f2a8e94c61b7d2"
        case .queryFailed: "4f86c84a3bbd4cb2a898096f17663ad7"
        case .routeRests: "30294b1be9b34fc88599a498ce103cea"
        case .warmFailed: "e780e52c1c3d48aeb24230080bf3da47"
        case .sampledWrong: "5d0f1c6e27b84f7a9c3e8b1a64d29f05"
        case .reloadRefused: "9c5b1e700d18471c83da2ceddde90cc3"
        case .stuck: "0934f232eb734f14ba542cc2c5944e92"
        }
    }

    /// How severe it is.
    var level: Logger.Level {
        switch self {
        case .behind, .warmFailed, .reloadRefused, .stuck: .error
        case .gapBegins, .leaseLost, .listenerLost, .redisLost, .redisWaits, .lockHeld, .keyParked, .valueTooLarge,
            .routeRests, .queryFailed, .sampledWrong:
            .warning
        default: .notice
        }
    }
}

extension Logger {
    /// Logs an occurrence with its MESSAGE_ID.
    func tell(_ occurrence: Occurrence, _ metadata: Logger.Metadata = [:]) {
        var metadata = metadata
        metadata["message_id"] = "\(occurrence.messageID)"
        log(level: occurrence.level, "\(occurrence.rawValue)", metadata: metadata)
    }
}
