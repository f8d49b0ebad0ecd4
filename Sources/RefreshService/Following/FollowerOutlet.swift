/// The connection of one follower, as what serves it sees it.
protocol FollowerOutlet: AnyObject {
    /// Whether more can be sent without more piling up than a few reads' worth.
    var isWritable: Bool { get }

    /// Sends bytes.
    func send(_ bytes: [UInt8])

    /// Ends the answer once what was sent is out.
    func finish()

    /// Ends the connection at once, whatever waits to be sent.
    func cut()
}
