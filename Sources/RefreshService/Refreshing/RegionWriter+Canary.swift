import Redis
import RefreshCore

/// The end of a nonce's way.
extension RegionWriter {
    /// Stores what a standby may be told, behind the fence: that is the end of a nonce's way.
    func store(_ batch: Batch, canary number: UInt64) {
        guard let connection = link.connection else { return dispatcher.canaryDone(batch, number, isStored: false) }
        let token = link.token
        let word = dispatcher.keeper.word(token: token, at: .now)
        connection.send(
            script: link.writeScript, keys: word == nil ? 1 : 2, arguments: word == nil ? 5 : 6,
            { [fence, word] writer in
                writer.append(fence)
                if word != nil { writer.append(Fence.wordKey(of: dispatcher.name)) }
                writer.append(token)
                writer.append("0")
                writer.append("v")
                writer.append(word == nil ? "0" : "1")
                writer.append("0")
                if let word { writer.append(word.text) }
            },
            reply: { [weak self] reply in
                guard let self else { return }
                dispatcher.canaryDone(
                    batch, number, isStored: settle(WriteEnding(reply), [], isCurrent: connection === link.connection))
            })
        connection.flush()
    }
}
