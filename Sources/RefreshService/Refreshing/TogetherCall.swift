import Redis
import RefreshCore

/// One write of keys of several regions that change together: a call of one script.
struct TogetherCall {
    let requests: [StoreRequest]

    /// Writes all or nothing, if the caller is the owner.
    ///
    /// Keys: the fence, then one after the other those of the arguments. Arguments: the token, then for each key what
    /// is done: `d`; `s`, the expiry in milliseconds (0 for none) and the value; or `h`, the expiry, the number of
    /// fields, and each one's name and value. Returns as `Fence.write` does.
    private static let script = """
        local call, KEYS, ARGV = redis.call, KEYS, ARGV
        local held = call('GET', KEYS[1])
        if held ~= ARGV[1] then
          if held and held > ARGV[1] then return -2 end
          return -1
        end
        local a = 2
        for k = 2, #KEYS do
          local key, kind, ttl = KEYS[k], ARGV[a], ARGV[a + 1]
          if kind == 'd' then
            call('UNLINK', key)
            a = a + 1
          elseif kind == 's' then
            if ttl == '0' then call('SET', key, ARGV[a + 2]) else call('SET', key, ARGV[a + 2], 'PX', ttl) end
            a = a + 3
          else
            local fields = tonumber(ARGV[a + 2])
            a = a + 3
            call('DEL', key)
            for f = 1, fields do call('HSET', key, ARGV[a], ARGV[a + 1]); a = a + 2 end
            if ttl ~= '0' and fields > 0 then call('PEXPIRE', key, ttl) end
          end
        end
        return 0
        """

    /// How many words the command has.
    var wordCount: Int {
        var count = 4 + 1
        for request in requests {
            for place in request.keys.indices where request.fates[place] != .skip {
                count += 1 + argumentCount(place, request)
            }
        }
        return count
    }

    private func argumentCount(_ place: Int, _ request: StoreRequest) -> Int {
        if request.fates[place] == .delete { return 1 }
        return request.region.format == .hash ? 3 + 2 * WriteCall.fieldCount(place, request) : 3
    }

    /// About how many bytes it puts on the wire.
    var bytes: Int {
        requests.reduce(1_200) { sum, request in
            request.keys.indices.reduce(sum) { sum, place in
                sum + 80 + request.keys[place].count + (request.answers?.size(place) ?? 0)
            }
        }
    }

    /// Appends the command.
    func write(fence: String, token: String, to writer: inout CommandWriter) {
        writer.append("EVAL")
        writer.append(Self.script)
        let keys = requests.reduce(1) { sum, request in sum + request.fates.count { $0 != .skip } }
        writer.append(keys)
        writer.append(fence)
        for request in requests {
            let prefix = Array(request.region.prefix.utf8)
            for place in request.keys.indices where request.fates[place] != .skip {
                unsafe prefix.withUnsafeBytes { prefix in
                    unsafe request.keys[place].withUnsafeBytes { unsafe writer.appendParts(prefix, $0) }
                }
            }
        }
        writer.append(token)
        for request in requests {
            let form = ValueForm(request.region)
            for place in request.keys.indices where request.fates[place] != .skip {
                append(place, request, form, to: &writer)
            }
        }
    }

    private func append(
        _ place: Int, _ request: StoreRequest, _ form: ValueForm, to writer: inout CommandWriter
    ) {
        if request.fates[place] == .delete { return writer.append("d") }
        let ttl = Int(request.region.ttlMilliseconds ?? 0)
        if request.region.format == .hash {
            writer.append("h")
            writer.append(ttl)
            writer.append(WriteCall.fieldCount(place, request))
            WriteCall.writeFields(place, request, to: &writer)
        } else {
            writer.append("s")
            writer.append(ttl)
            form.append(place, of: request, to: &writer)
        }
    }
}
