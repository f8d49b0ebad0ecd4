import Reactor

extension RedisConnection {
    /// Whether the server takes `sendSilentTransaction` that depends on a watched key.
    ///
    /// Not every proxy does, and a user may not be allowed to.
    public func takesSilentTransactions(watching key: String) async throws(RedisError) -> Bool {
        do throws(RedisError) {
            for words in [["CLIENT", "REPLY", "ON"], ["WATCH", key], ["MULTI"], ["DISCARD"]] {
                guard try await command(words).text == "OK" else { return false }
            }
            return true
        } catch {
            // An error that the server answered; any other has ended the connection.
            if isOpen { return false }
            throw error
        }
    }

    /// Has the server carry out commands as one transaction, and answer none of them.
    ///
    /// `write` begins and appends each command, and answers for the counts of their words. Whether the transaction
    /// took place has to be asked afterwards: it did not when a watched key has changed or the server refused one of
    /// the commands. A server that answers all the same is out of step, and the connection ends.
    public func sendSilentTransaction(_ write: (inout CommandWriter) -> Void) {
        if isOpen {
            writer.append(Self.silence)
            write(&writer)
            writer.append(Self.execution)
        }
        send(
            arguments: 3,
            { writer in
                writer.append("CLIENT")
                writer.append("REPLY")
                writer.append("ON")
            },
            reply: { [weak self] reply in
                guard let self, isOpen, reply.error != nil || !reply.equals("OK") else { return }
                let outOfStep = RedisError(
                    .protocolError, at: place, inDoubt: true, "it answered what it was not to answer")
                end(reply.error ?? outOfStep)
            })
    }

    private nonisolated static let silence = PreparedWords(commands: ["CLIENT", "REPLY", "OFF"], ["MULTI"])
    private nonisolated static let execution = PreparedWords(commands: ["EXEC"])
}
