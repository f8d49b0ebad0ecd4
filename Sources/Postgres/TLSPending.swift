import Glibc

/// Asks OpenSSL how much it has decrypted and not handed out.
///
/// libpq has no call for this, and linking OpenSSL for one function is much; libpq has loaded it when TLS is in use.
enum TLSPending {
    private typealias Pending = @convention(c) (UnsafeMutableRawPointer?) -> Int32

    private static let pending: Pending? = {
        // A null handle is RTLD_DEFAULT: every library that is loaded.
        guard let symbol = unsafe dlsym(nil, "SSL_pending") else { return nil }
        // The type is SSL_pending's own, from OpenSSL's ssl.h.
        return unsafe unsafeBitCast(symbol, to: Pending.self)
    }()

    /// The bytes that wait in an OpenSSL session; 0 where there is none.
    static func count(_ session: UnsafeMutableRawPointer?) -> Int32 {
        guard let session = unsafe session, let pending = unsafe pending else { return 0 }
        return unsafe pending(session)
    }
}
