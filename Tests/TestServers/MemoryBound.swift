import Glibc

/// Whether this build can be held to a bound of its resident memory.
///
/// A sanitizer keeps what was freed for a while and a shadow of all the rest, so that its builds can not; neither can
/// the daemon that was built with the tests. Said aloud, once a process.
public enum MemoryBound {
    /// False in a build with a sanitizer.
    public static let holds: Bool = {
        let sanitizers = ["__asan_init": "AddressSanitizer", "__tsan_init": "ThreadSanitizer"]
        guard let (_, name) = sanitizers.first(where: { symbol, _ in dlsym(nil, symbol) != nil }) else { return true }
        print("bounds of resident memory are not checked: \(name) has memory of its own in every process")
        return false
    }()
}
