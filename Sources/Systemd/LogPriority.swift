import Logging

extension Logger.Level {
    /// The level in the numbers of syslog: 2 (critical) to 7 (debug).
    var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
