import CHiredis

/// Makes a hiredis reader refuse arrays that announce more elements than may come.
///
/// hiredis takes the memory of an array when it reads its length, so that a few bytes could cost gigabytes.
@safe struct ArrayBound: ~Copyable {
    private struct Terms {
        /// What hiredis makes replies with.
        let original: redisReplyObjectFunctions
        let mostElements: Int
    }

    private let terms: UnsafeMutablePointer<Terms>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>

    /// Changes what `reader` makes arrays with; the reader must be freed before this is.
    init(of reader: UnsafeMutablePointer<redisReader>, mostElements: Int) {
        unsafe terms = .allocate(capacity: 1)
        unsafe functions = .allocate(capacity: 1)
        let original = unsafe reader.pointee.fn.pointee
        unsafe terms.initialize(to: Terms(original: original, mostElements: mostElements))
        unsafe functions.initialize(to: original)
        unsafe functions.pointee.createArray = { task, count in
            // Each task of a reader carries the reader's own pointer, which is set below.
            guard let terms = unsafe task?.pointee.privdata?.assumingMemoryBound(to: Terms.self),
                unsafe Int(count) <= terms.pointee.mostElements
            else { return nil }
            return unsafe terms.pointee.original.createArray(task, count)
        }
        unsafe reader.pointee.privdata = UnsafeMutableRawPointer(terms)
        unsafe reader.pointee.fn = functions
    }

    deinit {
        unsafe functions.deallocate()
        unsafe terms.deallocate()
    }
}
