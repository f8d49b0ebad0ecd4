import Redis
import RefreshCore

/// The check in Redis that refuses the writes of a former owner, and the script that writes where answers are needed;
/// `WriteGate` writes the rest.
///
/// The fence is a key of the daemon's own that holds the owner's token: 24 hexadecimal digits that grow with every
/// owner. Tokens are compared as strings of one length, for Lua's numbers are doubles.
enum Fence {
    /// The key that holds the fence of the instance `name`.
    static func key(of name: String) -> String { "rekindle:{\(name)}:fence" }

    /// The key that holds the owner's word to those who stand by.
    static func wordKey(of name: String) -> String { "rekindle:{\(name)}:word" }

    /// The key by which the last transaction says that it took place.
    static func markKey(of name: String) -> String { "rekindle:{\(name)}:mark" }

    /// Every key that is the daemon's own.
    static func keys(of name: String) -> [String] { [key(of: name), wordKey(of: name), markKey(of: name)] }

    /// Raises the fence to the caller's token.
    ///
    /// Keys: the fence. Arguments: the token. Returns the token that it replaced, an empty string when there was
    /// none, or an integer when the fence is higher than the caller's token.
    static let raise = RedisScript(
        """
        local held = redis.call('GET', KEYS[1])
        if held and held > ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1])
        return held or ''
        """)

    /// The script that writes values, deletes keys and publishes messages, if the caller is the owner.
    ///
    /// Keys: the fence, those to store, those to delete. Arguments: the token; the expiry in milliseconds, 0 for
    /// none; `v` for values or `h` for hashes; how many to store; to how many destinations messages go. Then a value a
    /// key, or the number of fields and each field's name and value a key; then for each destination `p` or `x`,
    /// channel or stream, maxlen (0 for none), field, how many messages, and their bodies.
    ///
    /// Returns 0 or, where messages were refused, the number and the error of each; `lost` when the fence is gone or
    /// lower than it was, `fenced` when it is higher. Values come before messages, so that who hears of an event finds
    /// its value. A stream is trimmed with the last of its messages, which costs less than with each, and nobody sees it
    /// in between.
    ///
    /// - Parameter isGuarded: false in tests alone, which show that they notice a fence that lets everything pass.
    static func write(isGuarded: Bool) -> RedisScript { RedisScript(writeText(isGuarded: isGuarded)) }

    private static func writeText(isGuarded: Bool) -> String {
        """
        local call, pcall, KEYS, ARGV = redis.call, redis.pcall, KEYS, ARGV
        local held = \(isGuarded ? "call('GET', KEYS[1])" : "ARGV[1]")
        if held ~= ARGV[1] then
          if held and held > ARGV[1] then return -2 end
          return -1
        end
        local ttl, sets, a = ARGV[2], tonumber(ARGV[4]), 6
        if ARGV[3] == 'v' then
          if ttl == '0' then
            for i = 1, sets do call('SET', KEYS[i + 1], ARGV[a]); a = a + 1 end
          else
            for i = 1, sets do call('SET', KEYS[i + 1], ARGV[a], 'PX', ttl); a = a + 1 end
          end
        else
          for i = 1, sets do
            local key, fields = KEYS[i + 1], tonumber(ARGV[a])
            a = a + 1
            call('DEL', key)
            for f = 1, fields do call('HSET', key, ARGV[a], ARGV[a + 1]); a = a + 2 end
            if ttl ~= '0' then call('PEXPIRE', key, ttl) end
          end
        end
        for i = sets + 2, #KEYS do call('UNLINK', KEYS[i]) end
        local failed, before = {}, 0
        local function check(answer, place)
          if type(answer) == 'table' and answer.err then failed[#failed + 1] = place .. ' ' .. answer.err end
        end
        for g = 1, tonumber(ARGV[5]) do
          local kind, name, maxlen, field, last = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], a + 4 + ARGV[a + 4]
          local first, place = a + 5, before - a - 4
          if kind == 'p' then
            for i = first, last do check(pcall('PUBLISH', name, ARGV[i]), place + i) end
          else
            local untrimmed = maxlen == '0' and last or last - 1
            for i = first, untrimmed do check(pcall('XADD', name, '*', field, ARGV[i]), place + i) end
            for i = untrimmed + 1, last do
              check(pcall('XADD', name, 'MAXLEN', '~', maxlen, '*', field, ARGV[i]), place + i)
            end
          end
          a, before = last + 1, place + last
        end
        return #failed == 0 and 0 or failed
        """
    }

    /// What the write script returned.
    enum Verdict {
        /// Carried out; the messages at these places, from 0, were refused.
        case written(refused: [(place: Int, reason: String)])
        case lost
        case fenced

        /// Reads a reply; nil when it is none of the script's.
        init?(_ reply: borrowing RedisReply) {
            if let number = reply.integer {
                self = number == -1 ? .lost : number == -2 ? .fenced : .written(refused: [])
                return
            }
            guard let count = reply.elementCount else { return nil }
            var refused: [(place: Int, reason: String)] = []
            for index in 0..<count {
                let text = reply.withElement(index) { $0.text }
                let parts = text?.split(separator: " ", maxSplits: 1) ?? []
                guard parts.count == 2, let place = Int(parts[0]) else { continue }
                refused.append((place - 1, String(parts[1])))
            }
            self = .written(refused: refused)
        }
    }
}
