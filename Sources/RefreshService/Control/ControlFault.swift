/// Why a request is not carried out; the description says what to do.
enum ControlFault: Error {
    case badEncoding
    case badTimeout
    case unknownParameter(String, known: [String])
    case needsRegion
    case oneRegion
    case unknownRegion(String, known: [String])
    case unknownQuery(String, known: [String])
    case otherRegion(query: String, region: String)
    case missingParameter(String, query: String)
    /// How many of the keys asked for no query of the region makes, and which one is the first of them, from 1.
    case unknownKeys(count: Int, first: Int, region: String)
    case standby
    case redisAway
    case late(seconds: Double, keys: Int)

    /// What the client is told.
    var response: HealthResponse { HealthResponse(status: status, text: text) }

    private var status: Int {
        switch self {
        case .badEncoding, .badTimeout, .unknownParameter, .needsRegion, .oneRegion, .otherRegion, .missingParameter:
            400
        case .unknownRegion, .unknownQuery, .unknownKeys: 404
        case .standby, .redisAway: 503
        case .late: 504
        }
    }

    private var text: String {
        switch self {
        case .badEncoding:
            "the request can not be read: a name or value must be percent-encoded, and a path be /regions/REGION/KEY"
        case .badTimeout: "timeout must be a duration of more than 0 and at most 1h, such as timeout=30s"
        case .unknownParameter(let name, let known):
            "there is no parameter \(name.quoted)" + suggestion(for: name, among: known)
        case .needsRegion: "region=NAME is needed, or query=NAME"
        case .oneRegion: "keys are of one region: give region=NAME once"
        case .unknownRegion(let name, let known):
            "there is no region \(name.quoted)" + suggestion(for: name, among: known)
        case .unknownQuery(let name, let known):
            "there is no query \(name.quoted)" + suggestion(for: name, among: known)
        case .otherRegion(let query, let region): "query \(query.quoted) does not fill region \(region.quoted)"
        case .missingParameter(let name, let query):
            "query \(query.quoted) has the parameter \(name.quoted): give param.\(name)=VALUE once, and no others"
        case .unknownKeys(let count, let first, let region):
            "no query of region \(region.quoted) makes \(count) of the keys, number \(first) to begin with; "
                + "nothing was done"
        case .standby: "standby: another instance of this name holds the lease; ask that one"
        case .redisAway: "Redis could not be asked; see /healthz"
        case .late(let seconds, let keys):
            "not done after \(decimal(seconds, places: 1)) s: \(keys) keys wait or run; it goes on; see /healthz, "
                + "or give more time with timeout=60s"
        }
    }
}
