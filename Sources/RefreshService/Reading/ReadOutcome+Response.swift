import RefreshCore

extension ReadOutcome {
    /// What the reader is told; the header `Rekindle-Cache` names the outcome.
    func response(_ type: String) -> HealthResponse {
        var response =
            switch self {
            case .hit(let value), .stale(let value), .created(let value):
                HealthResponse(status: 200, contentType: type, body: value)
            case .computed(let value):
                HealthResponse(status: 200, contentType: type == ReadForm.pickle ? ReadForm.json : type, body: value)
            case .missing: HealthResponse(status: 404, text: "the query has no row for this key")
            case .unknown: HealthResponse(status: 404, text: "no query of the region makes this key")
            case .failed(let fault): HealthResponse(status: 502, text: fault.text)
            case .late: HealthResponse(status: 504, text: "the value was not there in time; see /healthz")
            }
        response.headers = [.init(name: "Rekindle-Cache", value: name)]
        return response
    }
}
