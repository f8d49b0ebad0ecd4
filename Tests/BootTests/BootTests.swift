import Testing

/// Rekindle under a real systemd: the shipped units, beside Debian's own of Postgres and Redis. One machine serves all
/// tests, so they run one after the other.
@Suite(.serialized, .needsMachine)
struct BootTests {}
