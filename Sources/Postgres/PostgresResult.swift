import CPostgres
import Glibc

/// One result of libpq, in text format, freed with this value.
///
/// Rows and columns count from 0; one that does not exist reads as NULL, with no bytes.
@safe public struct PostgresResult: ~Copyable {
    private let raw: OpaquePointer
    /// How many rows there are; 0 for what returns none.
    public let rowCount: Int
    /// How many columns a row has.
    public let columnCount: Int

    /// Adopts what `PQgetResult` returned.
    init(adopting raw: OpaquePointer) {
        unsafe self.raw = raw
        rowCount = unsafe Int(PQntuples(raw))
        columnCount = unsafe Int(PQnfields(raw))
    }

    deinit { unsafe PQclear(raw) }

    /// How much memory it takes.
    public var byteCount: Int { unsafe PQresultMemorySize(raw) }

    /// The name of a column, or "" where there is none.
    public func columnName(_ column: Int) -> String {
        unsafe isColumn(column) ? String(cString: PQfname(raw, Int32(column))) : ""
    }

    /// The type of a column, as the object identifier of Postgres' catalogue.
    public func columnType(_ column: Int) -> UInt32 { unsafe isColumn(column) ? PQftype(raw, Int32(column)) : 0 }

    /// Whether a cell is NULL or does not exist.
    public func isNull(_ row: Int, _ column: Int) -> Bool {
        unsafe !isCell(row, column) || PQgetisnull(raw, Int32(row), Int32(column)) != 0
    }

    /// Calls `body` with the bytes of a cell, where libpq holds them; none for NULL.
    @inlinable
    public func withCell<Result: ~Copyable, Failure>(
        _ row: Int, _ column: Int, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe cell(row, column)
        return try body(unsafe RawSpan(_unsafeBytes: bytes))
    }

    /// The bytes of a cell; valid for as long as this value.
    @usableFromInline
    func cell(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        guard isCell(row, column) else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        let (row, column) = (Int32(row), Int32(column))
        return unsafe UnsafeRawBufferPointer(
            start: PQgetvalue(raw, row, column), count: Int(PQgetlength(raw, row, column)))
    }

    /// A cell as a whole number; nil for NULL and for what is none.
    public func integer(_ row: Int, _ column: Int) -> Int? { string(row, column).flatMap { Int($0) } }

    /// A cell as text; nil for NULL.
    public func string(_ row: Int, _ column: Int) -> String? {
        isNull(row, column) ? nil : unsafe String(decoding: cell(row, column), as: UTF8.self)
    }

    private func isColumn(_ column: Int) -> Bool { column >= 0 && column < columnCount }
    private func isCell(_ row: Int, _ column: Int) -> Bool { row >= 0 && row < rowCount && isColumn(column) }
}

extension PostgresResult {
    /// What sort of result it is.
    var kind: ResultKind {
        switch unsafe PQresultStatus(raw) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .complete
        case PGRES_SINGLE_TUPLE: .row
        case PGRES_PIPELINE_SYNC: .sync
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR, PGRES_PIPELINE_ABORTED: .error
        default: .copy
        }
    }

    /// What the server said, for a result that is an error.
    var report: ServerReport { unsafe Self.report(raw) }

    /// What a described statement takes: its parameters' types, by number.
    var parameterTypes: [UInt32] { (0..<max(0, unsafe PQnparams(raw))).map { unsafe PQparamtype(raw, $0) } }

    private static func report(_ raw: OpaquePointer) -> ServerReport {
        ServerReport { field in
            unsafe PQresultErrorField(raw, Int32(field.rawValue)).map { unsafe String(cString: $0) }
        }
    }

    /// The callback that libpq hands its notices to; `sink` is a `NoticeSink`, the result stays libpq's.
    static let noticeReceiver: PQnoticeReceiver = { sink, raw in
        guard let sink = unsafe sink, let raw = unsafe raw else { return }
        unsafe Unmanaged<NoticeSink>.fromOpaque(sink).takeUnretainedValue().receive(report(raw))
    }
}
