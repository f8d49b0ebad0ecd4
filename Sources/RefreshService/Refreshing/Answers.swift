import Postgres
import RefreshCore

/// Results of Postgres, by the item of a batch that each answers; it keeps them until they are written.
@safe final class Answers {
    private final class Box {
        let result: PostgresResult
        init(_ result: consuming PostgresResult) { self.result = result }
    }

    /// Where the row of an item is, and its value; the bytes are the result's, and live as long as its box, or those of
    /// another form, which are kept as long.
    @safe private struct Place {
        var box: Int32 = -1
        var row: Int32 = 0
        var isNull = true
        var value = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Holds a value in another form than Postgres gave it.
    @safe private final class OtherForm {
        let bytes: UnsafeMutableRawBufferPointer

        init(_ copied: [UInt8]) {
            unsafe bytes = .allocate(byteCount: copied.count, alignment: 1)
            unsafe bytes.copyBytes(from: copied)
        }

        deinit { unsafe bytes.deallocate() }
    }

    private var boxes: [Box] = []
    private var otherForms: [OtherForm] = []
    private var places: [Place]
    /// The first column of the value; those before name the item.
    private let firstColumn: Int
    private let layout: ResultLayout
    /// What begins a cell that is no value as it is.
    private let mark: UInt8?
    private let region: Region
    /// How much memory the results take.
    private(set) var byteCount = 0
    /// The items whose values are too large to be stored, with their sizes, in no order.
    private var tooLarge: [(item: Int, size: Int)] = []

    init(items: Int, of plan: QueryPlan, firstColumn: Int = 1) {
        places = Array(repeating: Place(), count: items)
        layout = plan.statement.layout
        mark = plan.statement.mark
        region = plan.region
        self.firstColumn = firstColumn
    }

    /// Takes the result of a batched statement, whose first column counts the items from 1.
    func take(batched result: consuming PostgresResult) {
        for row in 0..<result.rowCount {
            let item = result.withCell(row, 0) { Self.number($0) } - 1
            if places.indices.contains(item) { places[item] = place(result, row, of: item) }
        }
        keep(result)
    }

    /// Takes the result for one item: its first row.
    func take(_ result: consuming PostgresResult, for item: Int) {
        if result.rowCount == 0 { return }
        places[item] = place(result, 0, of: item)
        keep(result)
    }

    private func keep(_ result: consuming PostgresResult) {
        byteCount += result.byteCount
        boxes.append(Box(result))
    }

    private func place(_ result: borrowing PostgresResult, _ row: Int, of item: Int) -> Place {
        var place = unsafe Place(box: Int32(boxes.count), row: Int32(row))
        result.withCell(row, firstColumn) { unsafe $0.withUnsafeBytes { unsafe place.value = $0 } }
        // A NULL has no bytes.
        place.isNull = unsafe place.value.isEmpty && result.isNull(row, firstColumn)
        if layout == .fields {
            checkFields(result, row, of: item, isNull: place.isNull)
        } else if let first = unsafe place.value.first, first == mark {
            readMarked(&place, of: item)
        }
        return place
    }

    private func readMarked(_ place: inout Place, of item: Int) {
        switch unsafe ValueCell(marked: Span(_unsafeBytes: place.value)) {
        case .value(let start): unsafe place.value = UnsafeRawBufferPointer(rebasing: place.value[start...])
        case .tooLarge(let size): tooLarge.append((item, size))
        }
    }

    /// The last column tells the size of what was not sent. What was sent is measured, for stored it may be smaller.
    private func checkFields(_ result: borrowing PostgresResult, _ row: Int, of item: Int, isNull: Bool) {
        let last = result.columnCount - 1
        if isNull {
            if let size = result.integer(row, last) { tooLarge.append((item, size)) }
            return
        }
        var size = 0
        for column in (firstColumn + 1)..<max(firstColumn + 1, last) {
            size += result.withCell(row, column) { $0.byteCount }
        }
        if size > region.largestValue { tooLarge.append((item, size)) }
    }

    /// Why items can not be stored, in their order: their values are too large.
    func faults() -> [(place: Int, fault: RefreshFault)] {
        if tooLarge.isEmpty { return [] }
        return tooLarge.sorted { $0.item < $1.item }.map { ($0.item, RefreshFault(tooLarge: $0.size, in: region)) }
    }

    /// Why an item can not be stored, if its value is too large.
    func fault(of item: Int) -> RefreshFault? {
        tooLarge.first { $0.item == item }.map { RefreshFault(tooLarge: $0.size, in: region) }
    }

    /// Whether the query returned no row for the item.
    func isMissing(_ item: Int) -> Bool { places[item].isNull }

    /// The bytes of a value in one piece.
    func withValue<Result>(_ item: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(places[item].value)
    }

    /// Puts the pickle of a JSON value in its place; tells why it can not.
    func pickle(_ item: Int) -> RefreshFault? {
        if isMissing(item) { return nil }
        do throws(PickleFault) {
            let json = unsafe RawSpan(_unsafeBytes: places[item].value)
            let form = OtherForm(try Pickle.pickle(json: Span<UInt8>(_bytes: json)))
            otherForms.append(form)
            unsafe places[item].value = UnsafeRawBufferPointer(form.bytes)
            return nil
        } catch {
            return RefreshFault(sqlState: nil, text: "\(error)")
        }
    }

    /// How many bytes the item's value has, all fields of a hash together.
    func size(_ item: Int) -> Int {
        switch layout {
        case .value: return unsafe places[item].value.count
        case .fields:
            var size = 0
            unsafe forEachField(item) { name, value in size += name.utf8.count + value.count }
            return size
        }
    }

    /// The fields of a hash that are not NULL.
    func forEachField(_ item: Int, _ body: (String, UnsafeRawBufferPointer) -> Void) {
        let place = places[item]
        guard place.box >= 0 else { return }
        let box = boxes[Int(place.box)]
        for column in (firstColumn + 1)..<max(firstColumn + 1, box.result.columnCount - 1)
        where !box.result.isNull(Int(place.row), column) {
            box.result.withCell(Int(place.row), column) { cell in
                unsafe cell.withUnsafeBytes { unsafe body(box.result.columnName(column), $0) }
            }
        }
    }

    private static func number(_ text: RawSpan) -> Int {
        let digits = Span<UInt8>(_bytes: text)
        var number = 0
        for place in 0..<min(digits.count, 9) { number = number * 10 + Int(digits[place] & 15) }
        return number
    }
}
