import Reactor

/// Tells those who work on the shop to come to an end; a cancelled request would cost them their connections.
@Loop
final class ClosingTime {
    var isNow = false
}
