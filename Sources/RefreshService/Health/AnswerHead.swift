import NIOHTTP1

/// Makes the head of an answer.
enum AnswerHead {
    static func make(_ answer: ExchangeMachine.Answer) -> HTTPResponseHead {
        let response = answer.response
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: response.contentType)
        // What is followed has no length: it ends with the connection.
        if response.following == nil { headers.add(name: "Content-Length", value: String(response.body.count)) }
        headers.add(name: "Cache-Control", value: "no-store")
        // nginx would gather events before it passes them on.
        if response.following != nil { headers.add(name: "X-Accel-Buffering", value: "no") }
        if let origin = response.allowedOrigin { headers.add(name: "Access-Control-Allow-Origin", value: origin) }
        headers.add(name: "Connection", value: answer.closes ? "close" : "keep-alive")
        for header in response.headers { headers.add(name: header.name, value: header.value) }
        if let allow = answer.allow { headers.add(name: "Allow", value: allow) }
        let status = (200...599).contains(response.status) ? response.status : 500
        return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }
}
