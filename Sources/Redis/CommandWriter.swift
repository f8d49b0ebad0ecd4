import Glibc

/// Writes the arguments of one command, as RESP, straight into a connection's output buffer.
///
/// Given to the closure of `RedisConnection.send`; each `append` makes one argument (a bulk string) and copies its
/// bytes once. Values that are not text are written as they are: nothing is escaped, nothing can be injected.
public struct CommandWriter: ~Copyable {
    var output = OutputBuffer()
    /// How many arguments the command being written has so far.
    public private(set) var argumentCount = 0
    /// Where the command being written begins.
    private var start = 0

    /// Makes a writer of no connection, with a buffer of its own: its bytes go nowhere, and only what it costs to
    /// write them can be measured. A connection lends its own.
    public init() {}

    /// Appends an argument of any bytes.
    public mutating func append(bytes: UnsafeRawBufferPointer) {
        unsafe bulk(bytes.count) { target in unsafe copy(bytes, to: target) }
    }

    /// Appends an argument of any bytes.
    public mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append(bytes: $0) }
    }

    /// Appends a constant word, such as a command's name.
    public mutating func append(_ word: StaticString) {
        guard word.hasPointerRepresentation else { return append(word.description) }
        unsafe append(bytes: UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Appends text as UTF-8.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Appends an integer in decimal.
    public mutating func append(_ number: Int) { append(magnitude: UInt64(number.magnitude), negative: number < 0) }

    /// Appends an integer in decimal.
    public mutating func append(_ number: UInt64) { append(magnitude: number, negative: false) }

    private mutating func append(magnitude: UInt64, negative: Bool) {
        let digits = decimalDigits(magnitude)
        unsafe bulk(digits + (negative ? 1 : 0)) { target in
            if negative { unsafe target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
            unsafe storeDecimal(magnitude, digits: digits, at: target + (negative ? 1 : 0))
        }
    }

    /// Appends one argument made of two pieces, such as a prefix and a key.
    public mutating func appendParts(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        unsafe bulk(first.count + second.count) { target in
            unsafe copy(first, to: target)
            unsafe copy(second, to: target + first.count)
        }
    }

    /// Appends one argument made of three pieces, such as metadata, a separator and a payload.
    public mutating func appendParts(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer
    ) {
        unsafe bulk(first.count + second.count + third.count) { target in
            unsafe copy(first, to: target)
            unsafe copy(second, to: target + first.count)
            unsafe copy(third, to: target + first.count + second.count)
        }
    }

    /// Appends one argument made of two pieces, such as a prefix and a key.
    public mutating func appendParts(_ first: [UInt8], _ second: [UInt8]) {
        unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in unsafe appendParts(first, second) }
        }
    }

    /// Appends bytes that have their form already.
    mutating func append(formatted bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe output.append(count: bytes.count) { target in unsafe copy(bytes, to: target) }
        }
    }

    /// Begins a command of `count` arguments.
    mutating func begin(arguments count: Int) {
        start = output.count
        argumentCount = 0
        let length = UInt64(max(0, count))
        let digits = decimalDigits(length)
        unsafe output.append(count: digits + 3) { target in
            unsafe storeHeader(UInt8(ascii: "*"), length, digits: digits, at: target)
        }
    }

    /// Takes back the command being written.
    mutating func abandon() { output.truncate(to: start) }

    /// One bulk string of `size` bytes, which `fill` writes.
    @inline(__always)
    private mutating func bulk(_ size: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        let length = UInt64(size)
        let digits = decimalDigits(length)
        argumentCount += 1
        unsafe output.append(count: digits + 3 + size + 2) { target in
            unsafe storeHeader(UInt8(ascii: "$"), length, digits: digits, at: target)
            let body = unsafe target + digits + 3
            unsafe fill(body)
            unsafe storeLineEnd(at: body + size)
        }
    }
}

/// Few bytes, as most pieces of a command are, go by two words that may overlap and not by a call.
@inline(__always)
private func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    guard let start = bytes.baseAddress else { return }
    let count = bytes.count
    switch count {
    case 8...16: unsafe copyEnds(UInt64.self, start, count, to: target)
    case 4...7: unsafe copyEnds(UInt32.self, start, count, to: target)
    default: unsafe memcpy(target, start, count)
    }
}

/// Copies the first bytes and the last; between them they are all.
@inline(__always)
private func copyEnds<Word: BitwiseCopyable>(
    _ word: Word.Type, _ start: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer
) {
    let last = count - MemoryLayout<Word>.size
    let (head, tail) = unsafe (
        start.loadUnaligned(as: word), start.loadUnaligned(fromByteOffset: last, as: word)
    )
    unsafe target.storeBytes(of: head, as: word)
    unsafe target.storeBytes(of: tail, toByteOffset: last, as: word)
}

@inline(__always)
private func storeHeader(_ kind: UInt8, _ length: UInt64, digits: Int, at target: UnsafeMutableRawPointer) {
    unsafe target.storeBytes(of: kind, as: UInt8.self)
    unsafe storeDecimal(length, digits: digits, at: target + 1)
    unsafe storeLineEnd(at: target + 1 + digits)
}

@inline(__always)
private func storeLineEnd(at target: UnsafeMutableRawPointer) {
    // CR LF; stored as one little-endian word.
    unsafe target.storeBytes(of: UInt16(littleEndian: 0x0A0D), as: UInt16.self)
}

/// How many decimal digits `number` has.
@inline(__always)
private func decimalDigits(_ number: UInt64) -> Int {
    if number < 10 { return 1 }
    if number < 100 { return 2 }
    if number < 1000 { return 3 }
    var digits = 3
    var rest = number / 1000
    while rest > 0 {
        digits += 1
        rest /= 10
    }
    return digits
}

@inline(__always)
private func storeDecimal(_ number: UInt64, digits: Int, at target: UnsafeMutableRawPointer) {
    var rest = number
    var place = digits
    while place > 0 {
        place -= 1
        unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: rest % 10) &+ 0x30, toByteOffset: place, as: UInt8.self)
        rest /= 10
    }
}
