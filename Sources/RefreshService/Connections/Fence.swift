import Redis
import RefreshCore

/// The check in Redis that refuses the writes of a former owner, and the one script that writes.
///
/// The fence is a key of the daemon's own that holds the owner's token: 24 hexadecimal digits that grow with every
/// owner. Tokens are compared as strings of one length, for Lua's numbers are doubles.
enum Fence {
    /// The key that holds the fence of the instance `name`.
    static func key(of name: String) -> String { "rekindle:{\(name)}:fence" }

    /// The key that holds the owner's word to those who stand by.
    static func wordKey(of name: String) -> String { "rekindle:{\(name)}:word" }

    /// Every key that is the daemon's own.
    static func keys(of name: String) -> [String] { [key(of: name), wordKey(of: name)] }

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
    /// none; `v` for values or `h` for hashes; how many to store; how many messages. Then a value a key, or the
    /// number of fields and each field's name and value a key; then five a message: `p` or `x`, channel or stream,
    /// maxlen (0 for none), field, body.
    ///
    /// Returns how many messages failed, `lost` when the fence is gone or lower than it was, `fenced` when it is
    /// higher. Values come before messages, so that who hears of an event finds its value.
    ///
    /// - Parameter isGuarded: false in tests alone, which show that they notice a fence that lets everything pass.
    static func write(isGuarded: Bool) -> RedisScript { RedisScript(writeText(isGuarded: isGuarded)) }

    private static func writeText(isGuarded: Bool) -> String {
        """
        local held = \(isGuarded ? "redis.call('GET', KEYS[1])" : "ARGV[1]")
        if held ~= ARGV[1] then
          if held and held > ARGV[1] then return -2 end
          return -1
        end
        local ttl, sets, a = ARGV[2], tonumber(ARGV[4]), 6
        if ARGV[3] == 'v' then
          if ttl == '0' then
            for i = 1, sets do redis.call('SET', KEYS[i + 1], ARGV[a]); a = a + 1 end
          else
            for i = 1, sets do redis.call('SET', KEYS[i + 1], ARGV[a], 'PX', ttl); a = a + 1 end
          end
        else
          for i = 1, sets do
            local key, fields = KEYS[i + 1], tonumber(ARGV[a])
            a = a + 1
            redis.call('DEL', key)
            for f = 1, fields do redis.call('HSET', key, ARGV[a], ARGV[a + 1]); a = a + 2 end
            if ttl ~= '0' then redis.call('PEXPIRE', key, ttl) end
          end
        end
        for i = sets + 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
        local failed = 0
        for i = 1, tonumber(ARGV[5]) do
          local answer
          if ARGV[a] == 'p' then
            answer = redis.pcall('PUBLISH', ARGV[a + 1], ARGV[a + 4])
          elseif ARGV[a + 2] == '0' then
            answer = redis.pcall('XADD', ARGV[a + 1], '*', ARGV[a + 3], ARGV[a + 4])
          else
            answer = redis.pcall('XADD', ARGV[a + 1], 'MAXLEN', '~', ARGV[a + 2], '*', ARGV[a + 3], ARGV[a + 4])
          end
          if type(answer) == 'table' and answer.err then failed = failed + 1 end
          a = a + 5
        end
        return failed
        """
    }

    /// What the write script returned.
    enum Verdict {
        case written(failedMessages: Int)
        case lost
        case fenced

        init(_ number: Int64) {
            switch number {
            case -1: self = .lost
            case -2: self = .fenced
            default: self = .written(failedMessages: Int(max(0, number)))
            }
        }
    }
}
