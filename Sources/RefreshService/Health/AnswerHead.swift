import NIOHTTP1

/// Makes the head of an answer.
enum AnswerHead {
    static func make(_ answer: ExchangeMachine.Answer) -> HTTPResponseHead {
        let response = answer.response
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: response.contentType)
        headers.add(name: "Content-Length", value: String(response.body.count))
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Connection", value: answer.closes ? "close" : "keep-alive")
        for header in response.headers { headers.add(name: header.name, value: header.value) }
        if let allow = answer.allow { headers.add(name: "Allow", value: allow) }
        let status = (200...599).contains(response.status) ? response.status : 500
        return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }
}
