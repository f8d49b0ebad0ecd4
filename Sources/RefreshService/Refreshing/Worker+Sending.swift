import Postgres
import RefreshCore

/// Statements on their way to Postgres.
extension Worker {
    /// Sends the statement for items, one or, in the batched form, many.
    func send(
        _ items: [Batch.Item], _ plan: QueryPlan, _ connection: PostgresConnection
    ) throws(PostgresError) {
        let name = plan.name(keys: items.count)
        if items.count == 1, plan.form != .batched || plan.isSingle(1) {
            parameters.removeAll()
            append(items[0], of: plan)
            return try connection.send(prepared: name, &parameters)
        }
        appendLists(of: items, plan)
        try connection.send(prepared: name, &parameters)
    }

    /// Appends the parameters of many keys: an array for each.
    func appendLists(of items: [Batch.Item], _ plan: QueryPlan) {
        var lists = plan.types.map { ArrayLiteral(of: $0) }
        for place in items.indices {
            items[place].parameters.forEachParameter(of: lists.count) { index, value in
                lists[index].append(value)
            }
        }
        parameters.removeAll()
        for index in lists.indices {
            lists[index].close()
            let list = lists[index].bytes
            unsafe parameters.append(list.span.bytes)
            parameters.endParameter()
        }
    }

    /// Appends the parameters of one key.
    func append(_ item: Batch.Item, of plan: QueryPlan) {
        item.parameters.forEachParameter(of: plan.types.count) { _, value in
            unsafe parameters.append(value.bytes)
            parameters.endParameter()
        }
    }
}
