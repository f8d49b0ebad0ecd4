import Postgres
import Reactor
import RefreshCore

extension Dispatcher {
    /// The channel that nonces of the instances named `name` come by.
    static func canaryChannel(of name: String) -> String { "rekindle:\(name)" }

    /// Takes a notification for a nonce if it is one; tells whether it is.
    func takesNonce(_ notification: borrowing PostgresNotification) -> Bool {
        let isCanary = notification.withChannel { name in
            unsafe name.withUnsafeBytes { unsafe $0.elementsEqual(canaryChannel.utf8) }
        }
        guard isCanary else { return false }
        let text = notification.withPayload { text in
            unsafe String(decoding: text.withUnsafeBytes { unsafe [UInt8]($0.prefix(64)) }, as: UTF8.self)
        }
        guard let nonce = Nonce(text) else {
            onOtherNonce(text)
            return true
        }
        let now = Moment.now
        guard nonce.instance == canary.instance else {
            keeper.heardAny(nonce)
            return true
        }
        if canary.heard(nonce, at: now) { keeper.feedProven(at: now) }
        keeper.heardOwn(nonce, at: now)
        settleSoon()
        return true
    }

    /// A nonce has gone through worker and Redis.
    func canaryDone(_ batch: Batch, _ number: UInt64, isStored: Bool) {
        if isStored { canary.stored(number, at: .now) }
        finish(batch, isStored ? .stored(except: []) : .interrupted)
    }
}
